"""An in-memory SQS with injected failures and interrupts."""

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from botocore.exceptions import ClientError


def refused(operation: str, code: str = "ServiceUnavailable") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "not\nnow"}}, operation)


class FakeSqs:
    """Standard queues with receipt handles and hidden messages.

    `faults` has a pair of functions for each call of `send_message` and `delete_message`: one to call before it and one
    after, or `None`. `handle` receives each sent message, like a consumer.
    """

    def __init__(self, faults: Iterable[tuple[Callable[[], None] | None, Callable[[], None] | None]] = ()) -> None:
        self.queues: dict[str, dict[str, dict[str, Any]]] = {}
        self.faults = iter(faults)
        self.handle: Callable[[str, dict[str, Any]], None] = self.put
        self.calls: list[str] = []
        self._numbers = itertools.count(1)

    def put(self, url: str, message: dict[str, Any]) -> str:
        id_ = message.setdefault("MessageId", f"id-{next(self._numbers)}")
        self.queues.setdefault(url, {})[id_] = {"receives": 0, "hidden": False, "receipt": None, **message}
        return id_

    def bodies(self, url: str) -> list[str]:
        return sorted(message["MessageBody"] for message in self.queues.get(url, {}).values())

    def hidden(self, url: str) -> list[str]:
        return [id_ for id_, message in self.queues.get(url, {}).items() if message["hidden"]]

    def get_queue_attributes(self, **request: Any) -> dict[str, Any]:
        return {"Attributes": {"ApproximateNumberOfMessagesNotVisible": str(len(self.hidden(request["QueueUrl"])))}}

    def receive_message(self, **request: Any) -> dict[str, Any]:
        assert request["VisibilityTimeout"] >= 60
        queue = self.queues.get(request["QueueUrl"], {})
        visible = [message for message in queue.values() if not message["hidden"]][: request["MaxNumberOfMessages"]]
        for message in visible:
            message["hidden"], message["receipt"] = True, f"receipt-{next(self._numbers)}"
            message["receives"] += 1
        return {"Messages": [self._received(message) for message in visible]} if visible else {}

    def send_message(self, **request: Any) -> dict[str, Any]:
        self.calls.append("send")
        message = {key: value for key, value in request.items() if key != "QueueUrl"}
        return self._faulty(lambda: {"MessageId": self.handle(request["QueueUrl"], message)})

    def delete_message(self, **request: Any) -> dict[str, Any]:
        self.calls.append("delete")
        return self._faulty(lambda: self._delete(request["QueueUrl"], request["ReceiptHandle"]))

    def change_message_visibility_batch(self, **request: Any) -> dict[str, Any]:
        self.calls.append("show")
        entries = {entry["ReceiptHandle"]: entry["VisibilityTimeout"] for entry in request["Entries"]}
        assert 1 <= len(entries) <= 10
        for message in self.queues[request["QueueUrl"]].values():
            if message["receipt"] in entries:
                message["hidden"] = entries[message["receipt"]] > 0
        return {"Successful": [], "Failed": []}

    def _received(self, message: dict[str, Any]) -> dict[str, Any]:
        attributes = {"SentTimestamp": "1700000000000", "ApproximateReceiveCount": str(message["receives"])}
        return {
            "MessageId": message["MessageId"],
            "ReceiptHandle": message["receipt"],
            "Body": message["MessageBody"],
            "Attributes": attributes,
            "MessageAttributes": message.get("MessageAttributes", {}),
        }

    def _delete(self, url: str, receipt: str) -> dict[str, Any]:
        for id_ in [id_ for id_, message in self.queues[url].items() if message["receipt"] == receipt]:
            del self.queues[url][id_]
        return {}

    def _faulty(self, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        before, after = next(self.faults, (None, None))
        if before:
            before()
        answer = work()
        if after:
            after()
        return answer
