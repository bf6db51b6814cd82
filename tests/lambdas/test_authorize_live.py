"""The authorizer of the event API."""

import json

import pytest

from lambdas import authorize_live
from tests.lambdas.pages import page
from tests.lambdas.pool import Pool

OWN = "/orders/customers/ann"
ALLOWED = {"isAuthorized": True, "ttlOverride": 0}
DENIED = {"isAuthorized": False, "ttlOverride": 0}


pytestmark = pytest.mark.usefixtures("trusts_the_pool")


@pytest.fixture
def ask(context):
    def send(token, operation="EVENT_SUBSCRIBE", channel=OWN):
        request = {"apiId": "a", "accountId": "1", "requestId": "request-1", "operation": operation}
        if channel:
            request |= {"channelNamespaceName": "orders", "channel": channel}
        event = {"authorizationToken": token, "requestContext": request, "requestHeaders": {}}
        return authorize_live.handler(event, context)

    return send


@pytest.mark.parametrize("scheme", ["", "Bearer "])
@pytest.mark.parametrize("kind", [Pool.access, Pool.id], ids=["access token", "ID token"])
def test_a_customer_connects_and_subscribes_to_their_own_channel(ask, pool, kind, scheme):
    token = scheme + kind(pool)

    assert ask(token, "EVENT_CONNECT", None) == ALLOWED
    assert ask(token) == ALLOWED
    assert ask(token, channel="/orders/board") == DENIED
    assert ask(token, channel="/orders/customers/bob") == DENIED


def test_staff_subscribe_to_the_board(ask, pool):
    assert ask(pool.access(**{"cognito:groups": ["staff"]}), channel="/orders/board") == ALLOWED


@pytest.mark.parametrize("operation", ["EVENT_PUBLISH", "", None, "event_subscribe"])
def test_a_token_never_allows_publishing(ask, pool, operation):
    staff = pool.access(**{"cognito:groups": ["staff"]})

    assert ask(staff, operation) == ask(staff, operation, "/orders/board") == DENIED


@pytest.mark.parametrize("channel", [None, 7, ["/orders/board"], {"channel": OWN}])
def test_a_channel_that_is_no_text_is_denied(ask, pool, channel):
    assert ask(pool.access(**{"cognito:groups": ["staff"]}), channel=channel) == DENIED


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda p: "", id="empty"),
        pytest.param(lambda p: "garbage", id="garbage"),
        pytest.param(lambda p: None, id="null"),
        pytest.param(lambda p: ["Bearer"], id="a list"),
        pytest.param(lambda p: p.access(exp=0), id="expired"),
        pytest.param(lambda p: p.access(client_id="another"), id="another client"),
        pytest.param(lambda p: p.access(iss="https://example.com"), id="another issuer"),
        pytest.param(lambda p: p.access(token_use="refresh"), id="a refresh token"),
        pytest.param(lambda p: p.tampered(username="bob"), id="tampered"),
        pytest.param(Pool.signed_with_the_public_key, id="HMAC with the public key"),
        pytest.param(lambda p: p.raw({"alg": "none"}, signature=b""), id="unsigned"),
        pytest.param(lambda p: "AWS4-HMAC-SHA256 Credential=x", id="a signature"),
    ],
)
def test_any_other_token_is_denied(ask, pool, logs, make):
    assert ask(make(pool), "EVENT_CONNECT", None) == ask(make(pool)) == DENIED
    assert logs.counts() == {}


def test_an_empty_event_is_denied(context):
    assert authorize_live.handler({}, context) == DENIED


def test_a_fault_of_ours_is_no_denial(ask, pool, logs, monkeypatch):
    with page("", status=500) as broken:
        monkeypatch.setenv("JWKS_URL", broken)
        with pytest.raises(Exception, match=r"\AThe token could not be verified\Z") as failed:
            ask(pool.access())

    assert failed.value.__suppress_context__
    assert logs.counts() == {"Failures": 1, ("Failures", "KeysUnavailable"): 1}


def test_it_logs_who_subscribes_but_no_token(ask, pool, logs):
    token = pool.access()
    ask(token)
    ask(token, channel="/orders/board")

    lines = logs.lines()
    assert [(line["message"], line["customer"], line["channel"]) for line in lines] == [
        ("allowed", "ann", OWN),
        ("denied", "ann", "/orders/board"),
    ]
    assert token not in json.dumps(lines)
