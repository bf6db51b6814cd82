import json

import jwt
import pytest

from lambdas import authorize
from lambdas.identity import token_services
from lambdas.identity.displays import Displays
from lambdas.identity.guests import Guests, new_guest
from tests.lambdas.builders import CAFE_TABLE, SAM
from tests.lambdas.guest_key import FakeKey
from tests.lambdas.pages import page
from tests.lambdas.pool import Pool

FAULT = r"\AThe token could not be verified\Z"
"""What API Gateway turns into a 503."""

API = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/dev"


pytestmark = pytest.mark.usefixtures("trusts_the_pool")


@pytest.fixture
def ask(context):
    def send(token, arn=f"{API}/GET/orders"):
        return authorize.handler({"type": "TOKEN", "authorizationToken": token, "methodArn": arn}, context)

    return send


@pytest.mark.parametrize("scheme", ["", "Bearer ", "bearer "], ids=["no scheme", "Bearer", "bearer"])
def test_a_valid_token_returns_its_policy_and_context(ask, pool, scheme):
    token = pool.access(scope="order-api/delete_order openid", **{"cognito:groups": ["baristas"]})

    answer = ask(scheme + token)

    [statement] = answer["policyDocument"]["Statement"]
    assert answer["principalId"] == "ann"
    assert answer["policyDocument"]["Version"] == "2012-10-17"
    assert statement["Effect"] == "Allow"
    assert {f"{API}/GET/orders", f"{API}/GET/orders/ann/*", f"{API}/DELETE/orders/ann/*"} <= set(statement["Resource"])
    assert answer["context"] == {
        "customer": "ann",
        "groups": "baristas",
        "scopes": "openid order-api/delete_order",
    }


def test_an_id_token_does_not_allow_deleting(ask, pool):
    [statement] = ask(pool.id(scope="order-api/delete_order"))["policyDocument"]["Statement"]

    assert f"{API}/PUT/orders/ann/*" in statement["Resource"]
    assert not any("/DELETE/orders" in resource for resource in statement["Resource"])


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda p: "", id="empty"),
        pytest.param(lambda p: "Bearer", id="only a scheme"),
        pytest.param(lambda p: "garbage", id="garbage"),
        pytest.param(lambda p: None, id="null"),
        pytest.param(lambda p: 7, id="a number"),
        pytest.param(lambda p: ["Bearer"], id="a list"),
        pytest.param(lambda p: f"Basic {p.access()}", id="another scheme"),
        pytest.param(lambda p: p.access(exp=0), id="expired"),
        pytest.param(lambda p: p.access(client_id="another"), id="another client"),
        pytest.param(lambda p: p.access(token_use="refresh"), id="a refresh token"),
        pytest.param(lambda p: p.tampered(username="bob"), id="tampered"),
        pytest.param(Pool.signed_with_the_public_key, id="HMAC with the public key"),
        pytest.param(lambda p: p.raw({"alg": "none"}, signature=b""), id="unsigned"),
        pytest.param(lambda p: p.raw("[" * 20_000), id="deeply nested"),
        pytest.param(lambda p: p.access(username="\ud800"), id="a name that cannot be encoded"),
        pytest.param(lambda p: "a" * 1_000_000, id="huge"),
        pytest.param(lambda p: "\ud800", id="a lone surrogate"),
    ],
)
def test_any_other_token_is_unauthorized(ask, pool, make):
    with pytest.raises(Exception, match=r"\AUnauthorized\Z") as denied:
        ask(make(pool))

    # The gateway returns 401 only for this exact text; a traceback must not reveal more.
    assert type(denied.value) is Exception
    assert denied.value.__suppress_context__


def test_a_guests_token_returns_the_guests_own_routes(ask, monkeypatch):
    key = FakeKey()
    monkeypatch.setenv("GUEST_KEY", key.id)
    monkeypatch.setattr(token_services, "guests", lambda: Guests(key, 60))
    session = Guests(key, 60).session(new_guest())

    answer = ask(f"Bearer {session.token}")

    [statement] = answer["policyDocument"]["Statement"]
    assert answer["context"] == {"customer": session.customer, "groups": "guests", "scopes": ""}
    assert {f"{API}/POST/orders", f"{API}/GET/orders/{session.customer}/*"} <= set(statement["Resource"])
    assert not any(path in resource for resource in statement["Resource"] for path in ("queued", "photos", "invoices"))


def mixed(one, other):
    """The content of one token with the signature of another."""
    return ".".join([*one.split(".")[:2], other.split(".")[2]])


def with_other_signature(token):
    """The token with another first character of its signature."""
    signed, _, signature = token.rpartition(".")
    return f"{signed}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(
            lambda pool, key: pool.sign(pool.access_claims(), kid=key.id), id="the pool's with the guests' key ID"
        ),
        pytest.param(lambda pool, key: with_other_signature(Guests(key, 60).session(new_guest()).token), id="tampered"),
        pytest.param(
            lambda pool, key: Guests(FakeKey(key.id), 60).session(new_guest()).token, id="another key with its ID"
        ),
        pytest.param(
            lambda pool, key: Guests(FakeKey("key-1"), 60).session(new_guest()).token,
            id="another key with the pool's ID",
        ),
        pytest.param(
            lambda pool, key: jwt.encode(pool.access_claims(), key.private, "ES256", {"kid": "key-1"}),
            id="the pool's claims with the guests' key",
        ),
        pytest.param(
            lambda pool, key: jwt.encode(pool.access_claims(), key.private, "ES256", {"kid": key.id}),
            id="the pool's claims with the guests' key and ID",
        ),
    ],
)
def test_neither_kind_of_token_passes_for_the_other(ask, pool, monkeypatch, make):
    key = FakeKey()
    monkeypatch.setenv("GUEST_KEY", key.id)
    monkeypatch.setattr(token_services, "guests", lambda: Guests(key, 60))

    with pytest.raises(Exception, match=r"\AUnauthorized\Z"):
        ask(make(pool, key))


def test_without_guests_a_guests_token_is_unauthorized(ask):
    with pytest.raises(Exception, match=r"\AUnauthorized\Z"):
        ask(Guests(FakeKey(), 60).session(new_guest()).token)


def test_a_displays_token_returns_what_displays_may_call(ask, monkeypatch, cafe_table, clients):
    displays = Displays(CAFE_TABLE, clients["dynamodb"])
    monkeypatch.setenv("CAFE_TABLE", CAFE_TABLE)
    monkeypatch.setattr(token_services, "displays", lambda: displays)
    display = displays.new(SAM)

    answer = ask(f"Bearer {display.token}")

    [statement] = answer["policyDocument"]["Statement"]
    assert set(statement["Resource"]) == {f"{API}/GET/display", f"{API}/GET/display/"}
    assert answer["context"]["customer"] == f"display-{display.id}"
    displays.delete(SAM, display.id)
    with pytest.raises(Exception, match=r"\AUnauthorized\Z"):
        ask(display.token)


def test_without_displays_a_displays_token_is_unauthorized(ask):
    with pytest.raises(Exception, match=r"\AUnauthorized\Z"):
        ask(f"display.{'0' * 16}.{'0' * 64}")


@pytest.mark.parametrize("name", ["guests", "displays"])
def test_no_account_is_a_guest_or_a_display(ask, pool, name):
    answer = ask(pool.access(**{"cognito:groups": [name, "baristas"]}))

    assert answer["context"]["groups"] == "baristas"


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({}, id="empty"),
        pytest.param({"methodArn": f"{API}/GET/orders"}, id="no token"),
        pytest.param({"authorizationToken": "x"}, id="no method"),
        pytest.param({"type": "REQUEST", "headers": {"Authorization": "x"}}, id="another type"),
    ],
)
def test_an_invalid_event_is_unauthorized(context, event):
    with pytest.raises(Exception, match=r"\AUnauthorized\Z"):
        authorize.handler(event, context)


@pytest.mark.parametrize("arn", ["", "*", f"{API}", None, 7])
def test_a_valid_token_for_an_invalid_method_is_not_authorized(ask, pool, arn):
    with pytest.raises(Exception, match=FAULT):
        ask(pool.access(), arn)


@pytest.mark.parametrize("variable", ["TOKEN_ISSUER", "USER_POOL_CLIENT_ID", "JWKS_URL"])
def test_without_its_environment_no_token_is_authorized(ask, pool, monkeypatch, variable):
    monkeypatch.delenv(variable)

    with pytest.raises(Exception, match=FAULT):
        ask(pool.access())


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/keys.json", "file:///no/such/file", "nonsense"])
def test_without_keys_no_token_is_authorized(ask, pool, monkeypatch, url):
    monkeypatch.setenv("JWKS_URL", url)

    with pytest.raises(Exception, match=FAULT):
        ask(pool.access())


def test_the_log_contains_the_customer_or_the_reason(ask, pool, logs):
    ask(pool.access())
    with pytest.raises(Exception, match="Unauthorized"):
        ask(pool.access(client_id="another"))

    allowed, denied = logs.lines()
    assert (allowed["message"], allowed["customer"]) == ("allowed", "ann")
    assert (denied["message"], denied["level"]) == ("denied", "INFO")
    assert denied["reason"]


def test_an_invalid_token_is_not_a_failure(ask, pool, logs):
    with pytest.raises(Exception, match="Unauthorized"):
        ask(pool.access(exp=0))

    assert logs.metrics() == []


def test_a_configuration_error_is_a_failure(ask, pool, logs, monkeypatch):
    monkeypatch.delenv("TOKEN_ISSUER")
    with pytest.raises(Exception, match=FAULT):
        ask(pool.access())

    written = logs.text()
    assert '"level":"ERROR"' in written
    assert '"kind":"KeyError"' in written


@pytest.mark.parametrize(
    ("content", "status"),
    [
        pytest.param("busy", 503, id="busy"),
        pytest.param("nonsense", 200, id="not JSON"),
        pytest.param("{}", 200, id="an empty object"),
        pytest.param('{"keys":[]}', 200, id="no keys"),
        pytest.param("[1]", 200, id="a list"),
        pytest.param("null", 200, id="null"),
        pytest.param('{"keys":[{"kty":"RSA","kid":"key-1"}]}', 200, id="an incomplete key"),
    ],
)
def test_unavailable_keys_are_a_failure(ask, pool, logs, monkeypatch, content, status):
    with page(content, status) as address:
        monkeypatch.setenv("JWKS_URL", address)
        with pytest.raises(Exception, match=FAULT) as denied:
            ask(pool.access())

    assert type(denied.value) is Exception
    assert denied.value.__suppress_context__
    text = logs.text()
    [line] = [json.loads(line) for line in text.splitlines() if "_aws" not in line]
    assert (line["message"], line["level"]) == ("denied", "ERROR")
    assert "KeysUnavailable: cannot fetch the pool's keys" in line["exception"]
    metrics = [json.loads(line) for line in text.splitlines() if "_aws" in line]
    assert [(metric["Failures"], metric.get("kind")) for metric in metrics] == [
        ([1.0], None),
        ([1.0], "KeysUnavailable"),
    ]


def test_an_unknown_key_is_not_a_failure(ask, pool, logs):
    with pytest.raises(Exception, match=r"\AUnauthorized\Z"):
        ask(pool.sign(pool.access_claims(), kid="unknown"))

    [line] = logs.lines()
    assert (line["level"], line["reason"]) == ("INFO", "signed with an unknown key")


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(Pool.access, id="valid"),
        pytest.param(lambda p: p.access(exp=0), id="expired"),
        pytest.param(lambda p: p.tampered(username="bob"), id="tampered"),
        pytest.param(lambda p: p.access() + "\ud800", id="not encodable"),
        pytest.param(lambda p: p.access(username="\ud800"), id="a name that cannot be encoded"),
    ],
)
def test_the_log_does_not_contain_tokens(ask, pool, logs, make):
    token = make(pool)
    try:
        ask(f"Bearer {token}")
    except Exception as error:  # noqa: BLE001  the handler raises `Exception`
        outcome = str(error)
    else:
        outcome = "allowed"

    text = logs.text()
    assert outcome in ("allowed", "Unauthorized")
    assert '"message"' in text
    for part in token.split("."):
        assert part not in text
