"""Components with a provider of their own: what they name is in its account and region."""

import json
from collections.abc import Callable
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest

import components
from components.blocks.permissions_boundary import PermissionsBoundary
from tests.components.recorder import ELSEWHERE, PROVIDERS, record
from tests.components.test_components import COMPONENTS


def elsewhere(make: Callable[[], object]) -> Callable[[], object]:
    """A program in which all components get the other provider."""

    def run() -> None:
        provider = aws.Provider(ELSEWHERE, region=PROVIDERS[ELSEWHERE][2])

        def transform(
            args: pulumi.ResourceTransformationArgs,
        ) -> pulumi.ResourceTransformationResult | None:
            if not args.type_.startswith("cafe:"):
                return None
            options = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(provider=provider))
            return pulumi.ResourceTransformationResult(args.props, options)

        pulumi.runtime.register_stack_transformation(transform)
        make()

    return run


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_asks_only_its_own_provider(component: str) -> None:
    recording = record(elsewhere(COMPONENTS[component]))

    assert {provider for _, provider in recording.calls} <= {ELSEWHERE}


def test_no_partition_is_written_down() -> None:
    sources = {path: path.read_text(encoding="utf-8") for path in Path(components.__path__[0]).rglob("*.py")}

    assert [path.name for path, source in sources.items() if "arn:aws:" in source] == []


def test_some_components_ask_at_all() -> None:
    asked = {token.rpartition(":")[2] for name in COMPONENTS for token, _ in record(COMPONENTS[name]).calls}

    assert asked == {"getCallerIdentity", "getPartition", "getRegion"}


def test_a_boundary_names_the_account_and_region_of_its_provider() -> None:
    recording = record(elsewhere(lambda: PermissionsBoundary("it", {"prefix": "cafe-dev"})))

    policy = json.loads(recording.one(aws.iam.Policy)["policy"])
    arns = [arn for statement in policy["Statement"] for arn in statement["Resource"] if arn != "*"]
    assert {arn.split(":")[1] for arn in arns} == {"aws-cn"}
    assert {arn.split(":")[3] for arn in arns} == {"cn-north-1"}
    assert {arn.split(":")[4] for arn in arns} == {"210987654321"}
