"""The emulator patch that passes the address of the client."""

import asyncio

import pytest
from ministack.services import apigateway_v1

from local.emulator_patches.client_address import pass_client_address


@pytest.fixture
def event(monkeypatch):
    """The event of a request from an address, with a header that the client may have written."""

    async def build(peer, forwarded=None):
        events = []
        headers = {"host": "x", **({"x-forwarded-for": forwarded} if forwarded else {})}
        resource = {"id": "r", "path": "/guests"}

        async def app(scope, receive, send):
            build = apigateway_v1._build_lambda_event_v1
            events.append(build("api", "dev", {}, resource, "/guests", "POST", headers, b"", {}, {}))

        monkeypatch.setattr(apigateway_v1, "_build_lambda_event_v1", apigateway_v1._build_lambda_event_v1)
        await pass_client_address(app)({"client": (peer, 40000)}, None, None)
        return events[0]

    return build


@pytest.mark.parametrize("forwarded", [None, "192.0.2.1", "192.0.2.1, 198.51.100.1"])
def test_the_connection_counts_and_is_appended(event, forwarded):
    built = asyncio.run(event("127.0.0.9", forwarded))

    expected = ", ".join(filter(None, [forwarded, "127.0.0.9"]))
    assert built["requestContext"]["identity"]["sourceIp"] == "127.0.0.9"
    assert built["headers"] == {"host": "x", "X-Forwarded-For": expected}
    assert built["multiValueHeaders"]["X-Forwarded-For"] == [expected]
