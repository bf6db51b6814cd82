"""Publishes to the channels of an AppSync event API."""

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from http import HTTPStatus

from botocore.awsrequest import AWSRequest
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session

from lambdas.runtime import aws

EVENTS_A_REQUEST = 5
"""Maximum events of one request (AppSync developer guide, "Publish events via HTTP")."""

PATIENCE_SECONDS = 1
"""How long all requests of one `publish` may take together."""

PAUSE_SECONDS = 30
"""How long nothing is sent after an API was too slow, so that it does not hold up every batch."""

CONNECTIONS = 4


class NotPublished(Exception):
    """Events that no subscriber will receive."""


class EventApi:
    """An event API that takes events from callers with permission `appsync:EventPublish`."""

    def __init__(self, host: str, url: str) -> None:
        """`host` is the API's host name, and `url` where to reach it, which differs only for an emulator."""
        self._host = host
        self._url = url
        self._paused_until = 0.0
        # Its pool has room for a connection whose thread still waits.
        self._http = URLLib3Session(timeout=PATIENCE_SECONDS, max_pool_connections=CONNECTIONS)
        self._threads = ThreadPoolExecutor(CONNECTIONS)

    def publish(self, events: Mapping[str, Sequence[object]]) -> None:
        """Publish events, which are sent as JSON, by channel. Raises `NotPublished` if some were not accepted within
        `PATIENCE_SECONDS`, after all others were sent, or if the API was too slow in the last `PAUSE_SECONDS`."""
        if events and time.monotonic() < self._paused_until:
            raise NotPublished(f"the API was too slow in the last {PAUSE_SECONDS} s")
        requests = [
            (channel, chunk)
            for channel, of_channel in events.items()
            for start in range(0, len(of_channel), EVENTS_A_REQUEST)
            if (chunk := of_channel[start : start + EVENTS_A_REQUEST])
        ]
        # A deadline for each socket operation is not one for a server that sends a byte now and then.
        sent = [self._threads.submit(self._send, channel, chunk) for channel, chunk in requests]
        late = wait(sent, timeout=PATIENCE_SECONDS).not_done
        if late:
            # A thread that waits cannot be stopped, and would be missing later.
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = ThreadPoolExecutor(CONNECTIONS)
            self._paused_until = time.monotonic() + PAUSE_SECONDS
        problems = [
            f"no response within {PATIENCE_SECONDS} s" if future in late else problem
            for future in sent
            if future in late or (problem := _problem_of(future))
        ]
        if problems:
            raise NotPublished(f"{len(problems)} of {len(sent)} requests failed: {problems[0]}")

    def _send(self, channel: str, events: Sequence[object]) -> str:
        """Send one request. Returns what failed, or `""`."""
        body = json.dumps({"channel": channel, "events": [json.dumps(event) for event in events]})
        request = AWSRequest("POST", self._url, {"Content-Type": "application/json", "Host": self._host}, body)
        aws.sign(request, "appsync")
        try:
            response = self._http.send(request.prepare())
        except ConnectionClosedError:
            # A connection that the API has closed since the last batch. Events may come twice.
            response = self._http.send(request.prepare())
        if response.status_code != HTTPStatus.OK:
            return f"status {response.status_code}"
        return "events were refused" if json.loads(response.content).get("failed") else ""


def _problem_of(future: "Future[str]") -> str:
    """What a finished request failed with, or `""`."""
    error = future.exception()
    return type(error).__name__ if error else future.result()
