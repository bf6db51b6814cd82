"""Fixes the emulator: a function learns the address of its API's client, whatever the client says.

On AWS, `sourceIp` is the address of the connection, and API Gateway appends it to `X-Forwarded-For` (API Gateway
developer guide, "Input format of a Lambda function for proxy integration"). ministack 1.5.33 takes the first entry of
that header, which a client can write, and appends nothing.
"""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from ministack.services import apigateway_v1

HEADER = "X-Forwarded-For"

App = Callable[[Any, Any, Any], Awaitable[None]]

_peer: ContextVar[str] = ContextVar("_peer", default="127.0.0.1")


def pass_client_address(app: App) -> App:
    """Patch the emulator in this process, and return its application with a record of each connection's address. Call
    once."""
    build = apigateway_v1._build_lambda_event_v1

    def build_with_address(*args: Any, **kwargs: Any) -> dict[str, Any]:
        event: dict[str, Any] = build(*args, **kwargs)
        peer = _peer.get()
        event["requestContext"]["identity"]["sourceIp"] = peer
        sent = [value for name, value in event["headers"].items() if name.lower() == HEADER.lower()]
        forwarded = ", ".join([*sent, peer])
        for key, value in (("headers", forwarded), ("multiValueHeaders", [forwarded])):
            kept = {name: it for name, it in event[key].items() if name.lower() != HEADER.lower()}
            event[key] = {**kept, HEADER: value}
        return event

    async def with_address(scope: Any, receive: Any, send: Any) -> None:
        if client := scope.get("client"):
            _peer.set(client[0])
        await app(scope, receive, send)

    apigateway_v1._build_lambda_event_v1 = build_with_address
    return with_address
