"""Queues and their dead-letter queues."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.blocks.durable_queue import DurableQueue, DurableQueueArgs
from components.blocks.python_function import FunctionPlatform, PythonFunction
from tests.components.recorder import Recorded, Recording, record


def failure_destinations(cafe: Recording) -> set[str]:
    """The ARNs of the queues for stream records that a function failed to process."""
    return {
        source["destinationConfig"]["onFailure"]["destinationArn"]
        for source in cafe.of(aws.lambda_.EventSourceMapping)
        if "destinationConfig" in source.inputs
    }


def redrive(queue: Recorded) -> dict[str, object]:
    return dict(json.loads(queue["redrivePolicy"]))


def test_every_queue_has_a_dead_letter_queue_or_is_one(cafe: Recording) -> None:
    queues = cafe.of(aws.sqs.Queue)
    working = [queue for queue in queues if "redrivePolicy" in queue.inputs]
    targets = {redrive(queue)["deadLetterTargetArn"] for queue in working}
    failure_queues = {queue.arn for queue in queues if queue not in working}

    assert working
    assert failure_queues == targets | failure_destinations(cafe)


def test_the_component_exposes_both_queues() -> None:
    def program() -> None:
        queue = DurableQueue("it", {"visibility_timeout_seconds": 90, "max_message_bytes": 2048})
        for name in ("url", "arn", "name", "dead_letters_url", "dead_letters_name"):
            pulumi.export(name, getattr(queue, name))

    recording = record(program)
    dead_letters = recording.one(aws.sqs.Queue, "-dlq")
    (queue,) = [each for each in recording.of(aws.sqs.Queue) if each != dead_letters]

    assert (queue["visibilityTimeoutSeconds"], queue["maxMessageSize"]) == (90, 2048)
    assert redrive(queue) == {"deadLetterTargetArn": dead_letters.arn, "maxReceiveCount": 5}
    assert recording.outputs == {
        "url": queue.outputs["url"],
        "arn": queue.arn,
        "name": queue.outputs["name"],
        "dead_letters_url": dead_letters.outputs["url"],
        "dead_letters_name": dead_letters.outputs["name"],
    }


PLATFORM: FunctionPlatform = {
    "code": pulumi.AssetArchive({"it.py": pulumi.StringAsset("handler = print")}),
    "log_retention_days": 7,
    "metrics_namespace": "it",
}


def subscribed(**args: Any) -> Recording:
    def program() -> None:
        queue = DurableQueue("letters", {"visibility_timeout_seconds": 60, "max_message_bytes": 65_536})
        queue.subscribe("reader", {"platform": PLATFORM, "module": "it", "description": "Reads", **args})

    return record(program)


def test_subscribing_makes_the_function_its_permission_and_the_event_source() -> None:
    recording = subscribed(grants=[{"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::b/*"]}])

    source = recording.one(aws.lambda_.EventSourceMapping)
    assert source["functionName"] == recording.one(aws.lambda_.Function).arn
    assert source["functionResponseTypes"] == ["ReportBatchItemFailures"]
    policy = recording.one(aws.iam.RolePolicy)["policy"]
    assert "sqs:ReceiveMessage" in policy
    assert "s3:GetObject" in policy


def test_a_function_that_may_outlast_the_visibility_timeout_is_refused() -> None:
    with pytest.raises(ValueError, match="visibility_timeout_seconds is 60, but reader needs at least 66"):
        subscribed(timeout_seconds=11)


def test_a_link_gives_a_function_the_address_and_the_permission() -> None:
    def program() -> None:
        queue = DurableQueue("dear-letters", {"visibility_timeout_seconds": 60, "max_message_bytes": 65_536})
        PythonFunction(
            "writer",
            {"platform": PLATFORM, "module": "it", "description": "Writes", "links": [queue.link()]},
        )

    recording = record(program)
    url = recording.one(aws.sqs.Queue, "dear-letters").outputs["url"]
    variables = recording.one(aws.lambda_.Function)["environment"]["variables"]
    assert variables["DEAR_LETTERS_QUEUE_URL"] == url
    assert "sqs:SendMessage" in recording.one(aws.iam.RolePolicy)["policy"]


def test_transformations_and_tags_reach_what_a_component_creates() -> None:
    def tagged(it: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        return pulumi.ResourceTransformationResult({**it.props, "tags": {"team": "post"}}, it.opts)

    options = pulumi.ResourceOptions(transformations=[tagged])
    args: DurableQueueArgs = {"visibility_timeout_seconds": 60, "max_message_bytes": 65_536}
    recording = record(lambda: DurableQueue("letters", args, options))

    assert [it["tags"] for it in recording.custom] == [{"team": "post"}] * 2
