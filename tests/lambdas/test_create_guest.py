"""`POST /guests`, from the outside."""

import hashlib
import json

import pytest

from lambdas import create_guest
from lambdas.identity.guests import Guests
from lambdas.identity.session_limit import BURST, SessionLimit
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import CAFE_TABLE, api_event
from tests.lambdas.guest_key import FakeKey

ORIGIN_KEY = "a secret of the CDN"


@pytest.fixture(scope="module")
def guests():
    return Guests(FakeKey(), 60)


@pytest.fixture
def send(guests, cafe_table, clients, context, monkeypatch):
    limit = SessionLimit(CAFE_TABLE, clients["dynamodb"])
    monkeypatch.setattr(create_guest, "guest_sessions", lambda: guests)
    monkeypatch.setattr(create_guest, "session_limit", lambda: limit)
    monkeypatch.setenv("ORIGIN_KEY_SHA256", hashlib.sha256(ORIGIN_KEY.encode()).hexdigest())

    def send(body="{}", headers=None, peer="192.0.2.1"):
        event = api_event("POST", "/guests", body=body, headers=headers)
        del event["requestContext"]["authorizer"]
        event["requestContext"]["identity"]["sourceIp"] = peer
        answer = create_guest.handler(event, context)
        return answer["statusCode"], json.loads(answer["body"]), answer["headers"]

    return send


def test_a_guest_gets_a_session(send, guests):
    status, session, headers = send()

    assert (status, headers["Cache-Control"]) == (201, "no-store")
    assert session == {
        "token": session["token"],
        "customer": guests.caller(session["token"]).name,
        "expiresIn": 3600,
        "tokenType": "Bearer",
    }


def test_a_session_is_renewed_for_the_same_guest(send):
    first = send()[1]
    status, second, _ = send(json.dumps({"token": first["token"]}))

    assert (status, second["customer"]) == (201, first["customer"])


@pytest.mark.parametrize("body", ["", "[]", "null", '{"token": ""}', '{"token": 7}', '{"name": "Zoë"}', "{"])
def test_other_bodies_are_refused(send, body):
    assert send(body)[0] == 400


def test_a_token_of_somebody_else_is_unauthorized(send, pool):
    status, problem, _ = send(json.dumps({"token": pool.access()}))

    assert (status, problem["title"]) == (401, "Unauthorized")


def test_an_address_that_begins_too_many_waits(send):
    for _ in range(BURST):
        assert send()[0] == 201
    status, problem, headers = send()

    assert (status, problem["title"], headers["Retry-After"]) == (429, "Too Many Requests", "10")
    assert send(peer="192.0.2.2")[0] == 201


def test_renewing_counts_for_the_guest_and_not_for_the_address(send):
    tokens = [json.dumps({"token": send()[1]["token"]}) for _ in range(2)]

    assert [send(tokens[0])[0] for _ in range(BURST + 1)] == [*[201] * BURST, 429]
    assert send(tokens[1])[0] == 201
    assert send()[0] == 201


def test_an_address_that_is_none_counts_as_it_is(send):
    headers = {"X-Forwarded-For": "nonsense, 203.0.113.7", "x-origin-key": ORIGIN_KEY}

    assert send(headers=headers)[0] == 201


def test_without_a_key_of_the_cdn_nothing_is_forwarded(send, monkeypatch):
    monkeypatch.setenv("ORIGIN_KEY_SHA256", hashlib.sha256(b"").hexdigest())
    statuses = [send(headers={"X-Forwarded-For": f"10.0.0.{n}, 10.0.0.9"})[0] for n in range(BURST + 1)]

    assert statuses == [*[201] * BURST, 429]


def test_a_key_service_that_refuses_is_unavailable(send, monkeypatch, cafe_table):
    class Refusing(FakeKey):
        def sign(self, message):
            raise Refusal("unavailable", "No session can begin right now.")

    monkeypatch.setattr(create_guest, "guest_sessions", lambda: Guests(Refusing(), 60))
    status, _, headers = send()

    assert (status, headers["Retry-After"]) == (503, "1")


def test_behind_the_cdn_the_viewer_counts(send):
    def through_the_cdn(viewer, forged=""):
        headers = {"X-Forwarded-For": f"{forged}{viewer}, 203.0.113.7", "x-origin-key": ORIGIN_KEY}
        return send(headers=headers, peer="203.0.113.7")[0]

    assert [through_the_cdn("198.51.100.1", f"10.0.0.{n}, ") for n in range(BURST + 1)] == [*[201] * BURST, 429]
    assert through_the_cdn("198.51.100.2") == 201


@pytest.mark.parametrize("key", [None, "", "a guess"])
def test_without_the_cdns_key_the_connection_counts(send, key):
    headers = {} if key is None else {"x-origin-key": key}
    statuses = [send(headers={"X-Forwarded-For": f"10.0.0.{n}, 10.0.0.9", **headers})[0] for n in range(BURST + 1)]

    assert statuses == [*[201] * BURST, 429]


def test_a_café_without_guests_has_no_sessions(send, monkeypatch):
    monkeypatch.setattr(create_guest, "guest_sessions", lambda: None)

    assert send()[0] == 404
