import json

import pytest
from botocore.stub import Stubber

from lambdas import authenticate
from lambdas.identity.sign_in import SignIn
from tests.lambdas.builders import api_event

CREDENTIALS = {"username": "ann@example.com", "password": "Cafe-local-1"}
RESULT = {"AccessToken": "access-1", "IdToken": "id-1", "ExpiresIn": 3600, "TokenType": "Bearer"}


@pytest.fixture
def stub(cognito, monkeypatch):
    monkeypatch.setattr(authenticate, "sign_in", lambda: SignIn("client", cognito))
    with Stubber(cognito) as stub:
        yield stub


@pytest.fixture
def post(stub, context):
    def send(body=CREDENTIALS):
        event = api_event("POST", "/authenticate", body=body)
        # The route has no authorizer.
        del event["requestContext"]["authorizer"]
        return authenticate.handler(event, context)

    return send


def test_signing_in_returns_the_tokens(post, stub):
    stub.add_response("initiate_auth", {"AuthenticationResult": {**RESULT, "RefreshToken": "refresh-1"}})

    answer = post()

    assert answer["statusCode"] == 200
    assert "Authorization" not in answer["headers"]
    assert json.loads(answer["body"]) == {
        "token": "access-1",
        "accessToken": "access-1",
        "idToken": "id-1",
        "refreshToken": "refresh-1",
        "expiresIn": 3600,
        "tokenType": "Bearer",
    }


def test_signing_in_with_a_refresh_token_returns_it(post, stub):
    stub.add_response("initiate_auth", {"AuthenticationResult": RESULT})

    assert json.loads(post({"refreshToken": "refresh-1"})["body"])["refreshToken"] == "refresh-1"


def test_unknown_users_and_wrong_passwords_get_the_same_response(post, stub):
    stub.add_client_error("initiate_auth", "UserNotFoundException", "User does not exist.", 400)
    stub.add_client_error("initiate_auth", "NotAuthorizedException", "Incorrect username or password.", 400)

    unknown, wrong = post(), post()

    assert unknown == wrong
    assert unknown["statusCode"] == 401
    assert "Authorization" not in unknown["headers"]


def test_too_many_attempts_return_a_retry_after_header(post, stub):
    stub.add_client_error("initiate_auth", "TooManyRequestsException", "Rate exceeded", 400)

    answer = post()

    assert answer["statusCode"] == 429
    assert int(answer["headers"]["Retry-After"]) > 0


def test_a_challenge_is_returned(post, stub):
    stub.add_response("initiate_auth", {"ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": "s" * 20})

    answer = post()

    problem = json.loads(answer["body"])
    assert (answer["statusCode"], problem["challenge"], problem["session"]) == (409, "SOFTWARE_TOKEN_MFA", "s" * 20)


@pytest.mark.parametrize("body", ["", "{}", "[]", {"username": "ann"}, {**CREDENTIALS, "x": 1}], ids=str)
def test_invalid_credentials_do_not_reach_the_user_pool(post, body):
    # The stub expects no call, so a call would be a 500.
    assert post(body)["statusCode"] == 400


def test_the_log_contains_no_credentials_or_tokens(post, stub, logs):
    stub.add_response("initiate_auth", {"AuthenticationResult": {**RESULT, "RefreshToken": "refresh-1"}})
    stub.add_client_error("initiate_auth", "NotAuthorizedException", "Incorrect username or password.", 400)
    stub.add_client_error("initiate_auth", "InternalErrorException", "broken", 500)

    codes = [post()["statusCode"] for _ in range(3)]

    text = logs.text()
    assert codes == [200, 401, 500]
    assert "InternalErrorException" in text
    for secret in ("Cafe-local-1", "access-1", "id-1", "refresh-1", "ann@example.com"):
        assert secret not in text
