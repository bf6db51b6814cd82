"""Queues and their dead-letter queues."""

import json

import pulumi
import pulumi_aws as aws

from components.blocks.durable_queue import DurableQueue
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
