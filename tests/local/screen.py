"""A client of the live updates, as a page is one."""

import base64
import itertools
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

PATIENCE_SECONDS = 60
PROTOCOL = "aws-appsync-event-ws"

numbers = itertools.count(1)


class Refused(Exception):
    """The event API refused a connection or a subscription, with this error type."""


class Screen:
    """A connection to the event API."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.waiting: list[dict[str, Any]] = []

    def send(self, **message: Any) -> None:
        """Send a message."""
        self.connection.send(json.dumps(message))

    def receive(self, *types: str, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """The next message of one of these types; others wait."""
        for position, message in enumerate(self.waiting):
            if message["type"] in types:
                return self.waiting.pop(position)
        deadline = time.monotonic() + seconds
        while True:
            message = json.loads(self.connection.recv(timeout=max(0.0, deadline - time.monotonic())))
            if message["type"] in types:
                return dict(message)
            self.waiting.append(message)

    def subscribe(self, channel: str, token: str, **authorization: str) -> str:
        """Subscribe to a channel. Returns the subscription's ID, and raises `Refused`."""
        number = f"it-{next(numbers)}"
        self.send(type="subscribe", id=number, channel=channel, authorization={"Authorization": token, **authorization})
        answer = self.receive("subscribe_success", "subscribe_error")
        if answer["type"] == "subscribe_error":
            raise Refused(answer["errors"][0]["errorType"])
        return number

    def event(self, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """The next event. Raises `TimeoutError` if there is none in time."""
        received = self.receive("data", seconds=seconds)["event"]
        return dict(json.loads(received))


def opened(outputs: dict[str, str], header: str) -> ClientConnection:
    """A connection with the subprotocol `header`. Python cannot resolve names below `localhost`, so it opens the socket
    itself."""
    url = outputs["liveRealtimeUrl"]
    address = ("127.0.0.1", urlsplit(url).port)
    return connect(
        url, sock=socket.create_connection(address), subprotocols=[PROTOCOL, header], close_timeout=1, max_queue=None
    )


def header(**content: str) -> str:
    """The subprotocol that authorizes a connection."""
    return "header-" + base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@contextmanager
def connected(outputs: dict[str, str], token: str) -> Iterator[Screen]:
    """A connection, while the block lasts. Raises `Refused`."""
    host = urlsplit(outputs["liveHttpUrl"]).netloc
    with opened(outputs, header(host=host, Authorization=token)) as connection:
        screen = Screen(connection)
        with suppress(ConnectionClosed):  # a refusal is sent before it is closed
            screen.send(type="connection_init")
        answer = screen.receive("connection_ack", "connection_error")
        if answer["type"] == "connection_error":
            raise Refused(answer["errors"][0]["errorType"])
        yield screen
