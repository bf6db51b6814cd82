"""Tokens of guests."""

import hashlib
import hmac
import json
import re
import time

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lambdas.identity.guests import ISSUER, Guests, new_guest
from lambdas.identity.tokens import InvalidToken
from lambdas.runtime.caller import GUESTS
from lambdas.runtime.errors import Refusal
from tests.lambdas.guest_key import FakeKey
from tests.lambdas.pool import base64url

HOUR = 3600
MINUTES = 60


@pytest.fixture(scope="module")
def key():
    return FakeKey()


@pytest.fixture
def guests(key):
    return Guests(key, MINUTES)


def guests_at(key, seconds_ago):
    return Guests(key, MINUTES, lambda: time.time() - seconds_ago)


def token_of(key, private=None, algorithm="ES256", kid=None, **changes):
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": "guest-0123456789abcdef01234567", "iat": now, "exp": now + HOUR, **changes}
    claims = {name: value for name, value in claims.items() if value is not ...}
    return jwt.encode(claims, private or key.private, algorithm, {"kid": kid or key.id})


def test_a_session_has_a_name_of_its_own_and_a_lifetime(guests):
    first, second = guests.session(new_guest()), guests.session(new_guest())

    assert re.fullmatch(r"guest-[0-9a-f]{24}", first.customer)
    assert first.customer != second.customer
    assert (first.expires_in, first.token_type) == (HOUR, "Bearer")


def test_its_token_belongs_to_the_guest_and_nobody_else(guests):
    session = guests.session(new_guest())
    caller = guests.caller(session.token)

    assert (caller.name, caller.groups, caller.scopes) == (session.customer, {GUESTS}, frozenset())
    assert (caller.is_staff, caller.has_account) == (False, False)


@pytest.mark.parametrize("hours_ago", [0, 2, 24.9])
def test_a_session_can_be_renewed_until_a_day_after_its_end(key, guests, hours_ago):
    old = guests_at(key, hours_ago * HOUR).session(new_guest())
    renewed = guests.session(guests.renewable(old.token))

    assert renewed.customer == old.customer
    assert guests.caller(renewed.token).name == old.customer


def test_an_ended_session_opens_nothing(key, guests):
    with pytest.raises(InvalidToken):
        guests.caller(guests_at(key, 1.1 * HOUR).session(new_guest()).token)


def test_a_session_that_ended_longer_ago_cannot_be_renewed(key, guests):
    with pytest.raises(Refusal) as refused:
        guests.renewable(guests_at(key, 25.1 * HOUR).session(new_guest()).token)
    assert refused.value.reason == "unauthorized"


def header_with(key, algorithm):
    return base64url(json.dumps({"alg": algorithm, "kid": key.id}))


def signed_with_the_public_key(key):
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    payload = token_of(key).split(".")[1]
    unsigned = f"{header_with(key, 'HS256')}.{payload}"
    return f"{unsigned}.{base64url(hmac.digest(public, unsigned.encode(), hashlib.sha256))}"


ATTACKS = {
    "another key": lambda key, pool: token_of(key, FakeKey().private),
    "another key ID": lambda key, pool: token_of(key, kid="another"),
    "another issuer": lambda key, pool: token_of(key, iss="urn:cafe:displays"),
    "no issuer": lambda key, pool: token_of(key, iss=...),
    "no end": lambda key, pool: token_of(key, exp=...),
    "no name": lambda key, pool: token_of(key, sub=...),
    "no time": lambda key, pool: token_of(key, iat=...),
    "not yet valid": lambda key, pool: token_of(key, nbf=int(time.time()) + 10 * 24 * HOUR),
    "RSA": lambda key, pool: token_of(key, pool.key, "RS256"),
    "HMAC with the public key": lambda key, pool: signed_with_the_public_key(key),
    "unsigned": lambda key, pool: f"{header_with(key, 'none')}.{token_of(key).split('.')[1]}.",
    "a token of the pool": lambda key, pool: pool.access(),
    "the signature of another token": lambda key, pool: ".".join(
        [*token_of(key, sub="guest-other").split(".")[:2], token_of(key).split(".")[2]]
    ),
    "a signature of zeros": lambda key, pool: ".".join([*token_of(key).split(".")[:2], base64url(b"\0" * 64)]),
    "a DER signature": lambda key, pool: ".".join([*token_of(key).split(".")[:2], base64url(b"\x30\x06" * 35)]),
    "deeply nested": lambda key, pool: ".".join([base64url("[" * 100_000)] * 3),
    "nothing": lambda key, pool: "",
    "text": lambda key, pool: "a.b.c",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_any_other_token_is_neither_valid_nor_renewed(key, guests, pool, attack):
    token = ATTACKS[attack](key, pool)

    with pytest.raises(InvalidToken):
        guests.caller(token)
    with pytest.raises(Refusal):
        guests.renewable(token)
