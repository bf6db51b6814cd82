import http.client
import json
import ssl
import time
import urllib.error
from http.client import HTTPException

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from lambdas.identity.tokens import (
    LEEWAY_SECONDS,
    REFETCH_SECONDS,
    InvalidToken,
    KeySet,
    KeysUnavailable,
    TokenVerifier,
    fetch,
    without_scheme,
)
from lambdas.runtime.caller import Caller
from tests.lambdas.pages import page
from tests.lambdas.pool import CLIENT, ISSUER, KID, Pool

URL = "https://keys.example/jwks.json"


class FakeKeyServer:
    """Returns a key set or raises an error, and records the calls."""

    def __init__(self, answer):
        self.answer = answer
        self.calls = []

    def __call__(self, url):
        self.calls.append(url)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Seconds:
    """A monotonic clock in seconds that does not start at 0."""

    def __init__(self):
        self.now = 5000.0

    def __call__(self):
        return self.now


@pytest.fixture
def server(pool):
    return FakeKeyServer(pool.jwks())


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
def keys(server, seconds):
    return KeySet(URL, server, seconds)


@pytest.fixture
def verifier(keys):
    return TokenVerifier(ISSUER, CLIENT, keys)


def now(offset=0):
    return int(time.time()) + offset


def is_refused(verifier, token):
    with pytest.raises(InvalidToken):
        verifier.caller(token)
    return True


def is_undecided(verifier, token):
    # Code that handles invalid tokens must not catch this.
    assert not issubclass(KeysUnavailable, InvalidToken)
    with pytest.raises(KeysUnavailable):
        verifier.caller(token)
    return True


DELETE = "order-api/delete_order"


@pytest.mark.parametrize(
    ("make", "caller"),
    [
        pytest.param(Pool.access, Caller("ann", scopes=frozenset({"openid"})), id="an access token"),
        pytest.param(Pool.id, Caller("ann"), id="an id token"),
        pytest.param(lambda p: p.access(scope=...), Caller("ann"), id="no scopes"),
        pytest.param(lambda p: p.access(scope=""), Caller("ann"), id="empty scopes"),
        pytest.param(
            lambda p: p.access(scope=f"openid {DELETE}"),
            Caller("ann", scopes=frozenset({"openid", DELETE})),
            id="many scopes",
        ),
        pytest.param(
            lambda p: p.access(scope="openid", **{"cognito:groups": ["staff", "baristas"]}),
            Caller("ann", frozenset({"staff", "baristas"}), frozenset({"openid"})),
            id="groups in an access token",
        ),
        pytest.param(
            lambda p: p.id(**{"cognito:groups": ["staff"]}),
            Caller("ann", frozenset({"staff"})),
            id="groups in an id token",
        ),
        pytest.param(lambda p: p.access(**{"cognito:groups": []}, scope=""), Caller("ann"), id="no groups"),
        pytest.param(
            lambda p: p.access(
                **{"cognito:groups": ["staff ", "\nstaff", "not staff", "", 7, None, ["staff"]]}, scope=""
            ),
            Caller("ann"),
            id="invalid group names",
        ),
        pytest.param(lambda p: p.id(scope=DELETE), Caller("ann"), id="scopes in an id token are ignored"),
        pytest.param(lambda p: p.access(username="\u00e9@x", scope=""), Caller("\u00e9@x"), id="a non-ASCII name"),
        pytest.param(
            lambda p: p.access(exp=now(10 - LEEWAY_SECONDS), scope=""), Caller("ann"), id="expired within the leeway"
        ),
        pytest.param(
            lambda p: p.access(nbf=now(LEEWAY_SECONDS - 10), scope=""),
            Caller("ann"),
            id="not yet valid, within the leeway",
        ),
        pytest.param(
            lambda p: p.access(iat=now(LEEWAY_SECONDS - 10), scope=""),
            Caller("ann"),
            id="issued in the future, within the leeway",
        ),
    ],
)
def test_a_valid_token_identifies_the_caller(verifier, pool, make, caller):
    assert verifier.caller(make(pool)) == caller


BAD_TOKENS = {
    "empty": lambda p: "",
    "blank": lambda p: "   ",
    "garbage": lambda p: "garbage",
    "dots": lambda p: "..",
    "many dots": lambda p: "." * 10_000,
    "two parts": lambda p: p.access().rpartition(".")[0],
    "four parts": lambda p: p.access() + ".more",
    "two tokens": lambda p: f"{p.access()} {p.access()}",
    "two tokens with a comma": lambda p: f"{p.access()},{p.access()}",
    "no signature": lambda p: p.access().rpartition(".")[0] + ".",
    "truncated signature": lambda p: p.access()[:-10],
    "huge": lambda p: "a" * 1_000_000,
    "huge in three parts": lambda p: ".".join(["a" * 100_000] * 3),
    "not ascii": lambda p: "\u00e9.\u00e9.\u00e9",
    "lone surrogate": lambda p: "\ud800.\ud800.\ud800",
    "NUL character": lambda p: p.access() + "\x00",
    "with its scheme": lambda p: f"Bearer {p.access()}",
    "HTML": lambda p: "<script>alert(1)</script>",
    "header not base64": lambda p: "!." + p.access().partition(".")[2],
    "header not JSON": lambda p: p.raw("{"),
    "header not text": lambda p: p.raw(b"\xff\xfe"),
    "header a list": lambda p: p.raw([]),
    "header a number": lambda p: p.raw(5),
    "header empty": lambda p: p.raw({}),
    "deeply nested header": lambda p: p.raw("[" * 20_000),
    "header with a huge number": lambda p: p.raw('{"alg":"RS256","kid":' + "9" * 9000 + "}"),
    "algorithm none": lambda p: p.raw({"alg": "none", "kid": KID}, signature=b""),
    "algorithm None": lambda p: p.raw({"alg": "None", "kid": KID}, signature=b""),
    "algorithm null": lambda p: p.raw({"alg": None, "kid": KID}),
    "algorithm unknown": lambda p: p.raw({"alg": "XX256", "kid": KID}),
    "algorithm a list": lambda p: p.raw({"alg": ["RS256"], "kid": KID}),
    "HMAC with the public key": Pool.signed_with_the_public_key,
    "another algorithm of the same key": lambda p: p.sign(p.access_claims(), algorithm="RS512"),
    "PSS of the same key": lambda p: p.sign(p.access_claims(), algorithm="PS256"),
    "an elliptic curve": lambda p: p.sign(
        p.access_claims(), key=ec.generate_private_key(ec.SECP256R1()), algorithm="ES256"
    ),
    "another key with the same ID": lambda p: p.sign(p.access_claims(), key=p.other_key),
    "its own key in the header": lambda p: p.sign(p.access_claims(), key=p.other_key, jwk=p.jwk()),
    "its own key set in the header": lambda p: p.sign(p.access_claims(), key=p.other_key, jku="https://evil.example"),
    "unknown key": lambda p: p.sign(p.access_claims(), kid="key-2"),
    "no key id": lambda p: p.raw({"alg": "RS256"}),
    "key id null": lambda p: p.raw({"alg": "RS256", "kid": None}),
    "key id a number": lambda p: p.raw({"alg": "RS256", "kid": 1}),
    "key id a list": lambda p: p.raw({"alg": "RS256", "kid": [KID]}),
    "key id an object": lambda p: p.raw({"alg": "RS256", "kid": {"key-1": 1}}),
    "key id a path": lambda p: p.raw({"alg": "RS256", "kid": "../../dev/null"}),
    "payload unencoded": lambda p: p.raw({"alg": "RS256", "kid": KID, "b64": False, "crit": ["b64"]}),
    "tampered name": lambda p: p.tampered(username="bob"),
    "tampered groups": lambda p: p.tampered(**{"cognito:groups": ["staff"]}),
    "payload not JSON": lambda p: p.raw({"alg": "RS256", "kid": KID}, "{"),
    "expired": lambda p: p.access(exp=now(-90)),
    "expired long ago": lambda p: p.access(exp=0),
    "no expiry": lambda p: p.access(exp=...),
    "expiry null": lambda p: p.access(exp=None),
    "expiry a word": lambda p: p.access(exp="never"),
    "expiry a list": lambda p: p.access(exp=[now(3600)]),
    "expiry infinite": lambda p: p.access(exp=float("inf")),
    "expiry not a number": lambda p: p.access(exp=float("nan")),
    "not yet valid": lambda p: p.access(nbf=now(90)),
    "issued in the future": lambda p: p.access(iat=now(90)),
    "no issue time": lambda p: p.access(iat=...),
    "wrong issuer": lambda p: p.access(iss="https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_other"),
    "issuer with a trailing slash": lambda p: p.access(iss=f"{ISSUER}/"),
    "no issuer": lambda p: p.access(iss=...),
    "wrong client": lambda p: p.access(client_id="another"),
    "no client": lambda p: p.access(client_id=...),
    "access token with the client as audience": lambda p: p.access(client_id=..., aud=CLIENT),
    "wrong audience": lambda p: p.id(aud="another"),
    "no audience": lambda p: p.id(aud=...),
    "id token with the audience as client": lambda p: p.id(aud=..., client_id=CLIENT),
    "audience a list": lambda p: p.id(aud=[CLIENT, "another"]),
    "refresh token": lambda p: p.access(token_use="refresh"),
    "no token use": lambda p: p.access(token_use=...),
    "token use null": lambda p: p.access(token_use=None),
    "token use a list": lambda p: p.access(token_use=["access"]),
    "no username": lambda p: p.access(username=...),
    "username empty": lambda p: p.access(username=""),
    "username a number": lambda p: p.access(username=7),
    "username null": lambda p: p.access(username=None),
    "id token without username": lambda p: p.id(**{"cognito:username": ...}),
    "id token with the access token's username": lambda p: p.id(**{"cognito:username": ...}, username="ann"),
    "groups a word": lambda p: p.access(**{"cognito:groups": "staff"}),
    "groups null": lambda p: p.access(**{"cognito:groups": None}),
    "groups an object": lambda p: p.access(**{"cognito:groups": {"staff": True}}),
    "scopes a list": lambda p: p.access(scope=[DELETE]),
    "scopes null": lambda p: p.access(scope=None),
}


@pytest.mark.parametrize("make", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_any_other_token_is_invalid(verifier, pool, make):
    assert is_refused(verifier, make(pool))


@pytest.fixture(scope="module")
def shared_verifier(pool):
    return TokenVerifier(ISSUER, CLIENT, KeySet(URL, FakeKeyServer(pool.jwks()), Seconds()))


@given(
    st.text() | st.text("aA0-_.=", max_size=100) | st.lists(st.text("eyJ09_-"), min_size=3, max_size=3).map(".".join)
)
def test_arbitrary_text_is_invalid(shared_verifier, text):
    assert is_refused(shared_verifier, text)


HEADERS = st.dictionaries(
    st.sampled_from(["alg", "kid", "typ", "b64", "crit", "jwk"]),
    st.sampled_from(["RS256", "none", KID, None, 1, True, [], {}, "HS256", ["b64"]]),
)


@given(header=HEADERS, claims=st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3))
def test_arbitrary_headers_are_invalid(shared_verifier, pool, header, claims):
    assert is_refused(shared_verifier, pool.raw(header, claims))


@given(
    claims=st.dictionaries(
        st.sampled_from(
            ["exp", "iat", "nbf", "iss", "aud", "sub", "jti", "token_use", "username", "cognito:groups", "scope"]
        ),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.text(max_size=5)),
        min_size=1,
    )
)
def test_arbitrary_signed_claims_are_valid_or_invalid(shared_verifier, pool, claims):
    # PyJWT does not sign an issuer that is not text; the pool's tokens always have one.
    signed = pool.access(**{**claims, "iss": ISSUER})

    try:
        caller = shared_verifier.caller(signed)
    except InvalidToken:
        return
    assert caller.name


class TestKeySet:
    def test_is_fetched_on_first_use_and_cached(self, keys, server, seconds):
        assert server.calls == []
        for _ in range(3):
            keys.key(KID)
            seconds.now += 100_000

        assert server.calls == [URL]

    def test_is_fetched_again_for_an_unknown_key(self, keys, server, seconds, pool):
        keys.key(KID)
        server.answer = pool.jwks("key-1", "key-2")
        seconds.now += REFETCH_SECONDS

        assert keys.key("key-2").key_id == "key-2"
        assert len(server.calls) == 2

    def test_is_not_fetched_more_than_once_a_minute(self, keys, server, seconds):
        keys.key(KID)
        for step in [1, REFETCH_SECONDS - 2]:
            seconds.now += step
            with pytest.raises(InvalidToken):
                keys.key("unknown")
        assert len(server.calls) == 1

        seconds.now += 1
        for _ in range(5):
            with pytest.raises(InvalidToken):
                keys.key("unknown")
        assert len(server.calls) == 2

    def test_keeps_its_keys_when_an_unknown_key_is_requested(self, keys, seconds):
        keys.key(KID)
        seconds.now += REFETCH_SECONDS
        with pytest.raises(InvalidToken):
            keys.key("unknown")

        assert keys.key(KID).key_id == KID

    def test_removes_a_key_that_the_pool_no_longer_has(self, keys, server, seconds, pool):
        keys.key(KID)
        server.answer = pool.jwks("key-2")
        seconds.now += REFETCH_SECONDS
        keys.key("key-2")

        with pytest.raises(InvalidToken):
            keys.key(KID)

    @pytest.mark.parametrize(
        "failure",
        [
            pytest.param(urllib.error.URLError("no such host"), id="no such host"),
            pytest.param(urllib.error.HTTPError(URL, 503, "busy", {}, None), id="busy"),
            pytest.param(TimeoutError(), id="timeout"),
            pytest.param(ConnectionResetError(), id="connection reset"),
            pytest.param(http.client.RemoteDisconnected(), id="connection closed"),
            pytest.param(http.client.IncompleteRead(b"{"), id="connection closed during the response"),
            pytest.param(http.client.BadStatusLine("?"), id="not HTTP"),
            pytest.param(json.JSONDecodeError("no JSON", "<html>", 0), id="not JSON"),
            pytest.param(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no text"), id="not text"),
        ],
    )
    def test_fetch_failures_leave_a_token_undecided_and_are_retried(self, verifier, server, pool, failure):
        server.answer = failure
        assert is_undecided(verifier, pool.access())

        server.answer = pool.jwks()
        assert verifier.caller(pool.access()).name == "ann"
        assert len(server.calls) == 2

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param({}, id="empty"),
            pytest.param({"keys": []}, id="no keys"),
            pytest.param({"keys": None}, id="keys null"),
            pytest.param({"keys": 5}, id="keys a number"),
            pytest.param({"keys": [5]}, id="a key that is a number"),
            pytest.param({"keys": [{}]}, id="an empty key"),
            pytest.param({"keys": [{"kty": "RSA", "kid": KID}]}, id="an incomplete key"),
            pytest.param({"message": "Forbidden"}, id="an error message"),
        ],
    )
    def test_responses_without_keys_leave_a_token_undecided_and_are_retried(self, verifier, server, pool, answer):
        server.answer = answer
        assert is_undecided(verifier, pool.access())

        server.answer = pool.jwks()
        assert verifier.caller(pool.access()).name == "ann"

    def test_keeps_its_keys_when_a_refetch_fails(self, verifier, server, seconds, pool):
        verifier.caller(pool.access())
        server.answer = TimeoutError()
        seconds.now += REFETCH_SECONDS
        assert is_undecided(verifier, pool.sign(pool.access_claims(), kid="unknown"))

        assert verifier.caller(pool.access()).name == "ann"

    def test_ignores_unusable_keys(self, verifier, server, pool):
        server.answer = {"keys": [{"kty": "RSA", "kid": "half"}, pool.jwk()]}

        assert verifier.caller(pool.access()).name == "ann"


class TestFetch:
    def test_reads_json(self):
        with page('{"keys":[]}') as address:
            assert fetch(address) == {"keys": []}

    @pytest.mark.parametrize(
        ("content", "status"),
        [
            pytest.param("<html>", 200, id="not JSON"),
            pytest.param("", 200, id="empty"),
            pytest.param("[1]", 200, id="not an object"),
            pytest.param('{"keys":[]}', 404, id="not found"),
            pytest.param('{"keys":[]}', 503, id="busy"),
        ],
    )
    def test_raises_the_documented_errors_for_an_invalid_key_set(self, content, status):
        with page(content, status) as address, pytest.raises((OSError, HTTPException, ValueError, TypeError)):
            fetch(address)

    @pytest.mark.parametrize("address", ["http://127.0.0.1:1/keys.json", "http://127.0.0.1:x/", "nonsense", ""])
    def test_raises_the_documented_errors_without_a_response(self, address):
        with pytest.raises((OSError, HTTPException, ValueError)):
            fetch(address)

    def test_uses_tls_for_https_addresses(self):
        # The test server speaks plain HTTP, so the handshake fails.
        with page('{"keys":[]}') as address, pytest.raises(ssl.SSLError):
            fetch(address.replace("http:", "https:"))


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("abc", "abc"),
        ("Bearer abc", "abc"),
        ("bearer abc", "abc"),
        ("BEARER abc", "abc"),
        ("bEaReR abc", "abc"),
        ("Bearer  abc ", "abc"),
        ("Bearer", ""),
        ("Bearer ", ""),
        ("", ""),
        ("Basic abc", "Basic abc"),
        ("Bearerabc", "Bearerabc"),
        ("Bearer abc def", "abc def"),
        ("Bearer Bearer abc", "Bearer abc"),
    ],
)
def test_the_scheme_is_removed(header, token):
    assert without_scheme(header) == token


@pytest.mark.parametrize("scheme", ["", "Bearer ", "bearer ", "BEARER  "])
def test_a_token_is_valid_with_or_without_its_scheme(verifier, pool, scheme):
    assert verifier.caller(without_scheme(scheme + pool.access())).name == "ann"
