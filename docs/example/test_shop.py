"""A unit test with Pulumi's mocks: `python -m pytest` in this folder. It needs neither an engine nor an account."""

import runpy
from typing import Any

import pulumi

OUTPUTS = ("apiArn", "arn", "bucketRegionalDomainName", "domainName", "executionArn", "invokeArn", "invokeUrl", "url")
"""What the program uses of the resources that it makes."""

made: dict[str, dict[str, Any]] = {}


class Mocks(pulumi.runtime.Mocks):
    """Keeps the inputs of each resource, by name."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Answer as if the resource had been created."""
        made[f"{args.typ} {args.name}"] = args.inputs
        outputs: dict[str, Any] = {output: f"{output} of {args.name}" for output in OUTPUTS}
        outputs["dns"] = {"HTTP": "http.example.com", "REALTIME": "realtime.example.com"}
        return f"{args.name}-id", {**args.inputs, **outputs}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Answer the provider's functions."""
        place = {"region": "us-east-1", "partition": "aws", "dnsSuffix": "amazonaws.com"}
        return {"accountId": "123456789012", **place}, []


pulumi.runtime.set_mocks(Mocks(), project="shop", stack="test")


@pulumi.runtime.test
def test_messages_that_fail_are_kept_for_two_weeks() -> pulumi.Output[None]:
    """Run the program. The decorator waits for what it returns."""
    program = runpy.run_path("__main__.py")

    def check(_: str) -> None:
        assert made["aws:sqs/queue:Queue orders-dlq"]["messageRetentionSeconds"] == 14 * 24 * 3600

    return program["orders"].url.apply(check)
