import json

import pytest

from lambdas.identity.models import Credentials, Tokens
from lambdas.runtime.errors import Refusal
from lambdas.runtime.http import parse

PASSWORD = {"username": "ann@example.com", "password": "Cafe-local-1"}


def read(body):
    return parse(json.dumps(body), Credentials)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (PASSWORD, Credentials(username="ann@example.com", password="Cafe-local-1")),
        ({"refreshToken": "abc"}, Credentials(refresh_token="abc")),
        (
            {"username": "ann", "session": "s" * 20, "newPassword": "new"},
            Credentials(username="ann", session="s" * 20, new_password="new"),
        ),
        (
            {"username": "ann", "session": "s" * 20, "code": "012345"},
            Credentials(username="ann", session="s" * 20, code="012345"),
        ),
        ({"username": "x" * 128, "password": "x" * 256}, Credentials(username="x" * 128, password="x" * 256)),
        ({"refreshToken": "x" * 8192}, Credentials(refresh_token="x" * 8192)),
    ],
    ids=["username and password", "refresh token", "new password", "code", "long credentials", "long token"],
)
def test_valid_credentials(body, expected):
    assert read(body) == expected


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({}, "body", id="nothing"),
        pytest.param({"username": "ann", "session": "s" * 20}, "body", id="a session without an answer"),
        pytest.param({"username": "ann", "code": "123456"}, "body", id="a code without a session"),
        pytest.param({"username": "ann", "session": "s", "code": "123456"}, "session", id="a short session"),
        pytest.param({"username": "ann", "session": "s" * 20, "code": "12345"}, "code", id="a short code"),
        pytest.param(
            {"username": "ann", "session": "s" * 20, "code": "123456\n"}, "code", id="a code with a line break"
        ),
        pytest.param({"username": "ann"}, "body", id="no password"),
        pytest.param({"password": "secret"}, "body", id="no username"),
        pytest.param({**PASSWORD, "refreshToken": "abc"}, "body", id="everything"),
        pytest.param({"username": "ann", "refreshToken": "abc"}, "body", id="a username and a refresh token"),
        pytest.param({"password": "secret", "refreshToken": "abc"}, "body", id="a password and a refresh token"),
        pytest.param({**PASSWORD, "username": ""}, "username", id="an empty username"),
        pytest.param({**PASSWORD, "password": ""}, "password", id="an empty password"),
        pytest.param({"refreshToken": ""}, "refreshToken", id="an empty refresh token"),
        pytest.param({**PASSWORD, "username": "x" * 129}, "username", id="a long username"),
        pytest.param({**PASSWORD, "password": "x" * 257}, "password", id="a long password"),
        pytest.param({"refreshToken": "x" * 8193}, "refreshToken", id="a long refresh token"),
        pytest.param({**PASSWORD, "username": None}, "username", id="a null username"),
        pytest.param({**PASSWORD, "password": 1}, "password", id="a numeric password"),
        pytest.param({**PASSWORD, "clientId": "x"}, "body", id="an unknown field"),
    ],
)
def test_invalid_credentials_are_refused_with_the_field(body, field):
    with pytest.raises(Refusal) as refused:
        read(body)

    assert refused.value.reason == "invalid"
    assert [error["field"] for error in refused.value.errors] == [field]


def test_a_refusal_does_not_contain_the_password():
    with pytest.raises(Refusal) as refused:
        read({**PASSWORD, "password": "Cafe-local-1" * 100})

    assert "Cafe-local-1" not in str((refused.value.detail, refused.value.errors))


def test_tokens_can_omit_the_refresh_token():
    tokens = Tokens(token="a", access_token="a", id_token="i", expires_in=3600, token_type="Bearer")

    assert tokens.refresh_token is not None
    assert tokens == Tokens("a", "a", "i", 3600, "Bearer")
