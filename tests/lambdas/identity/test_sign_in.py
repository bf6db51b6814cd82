import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from msgspec import UNSET

from lambdas.errors import Refusal
from lambdas.identity.models import Credentials, Tokens
from lambdas.identity.sign_in import SignIn

PASSWORD = Credentials(username="ann@example.com", password="Cafe-local-1")
REFRESH = Credentials(refresh_token="refresh-1")
RESULT = {"AccessToken": "access", "IdToken": "id", "ExpiresIn": 3600, "TokenType": "Bearer"}

BY_PASSWORD = {
    "ClientId": "client",
    "AuthFlow": "USER_PASSWORD_AUTH",
    "AuthParameters": {"USERNAME": "ann@example.com", "PASSWORD": "Cafe-local-1"},
}
BY_REFRESH_TOKEN = {
    "ClientId": "client",
    "AuthFlow": "REFRESH_TOKEN_AUTH",
    "AuthParameters": {"REFRESH_TOKEN": "refresh-1"},
}


@pytest.fixture
def stub(cognito):
    with Stubber(cognito) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def sign_in(cognito, stub):
    return SignIn("client", cognito)


def refusal_of(sign_in, credentials=PASSWORD):
    with pytest.raises(Refusal) as refused:
        sign_in(credentials)
    return refused.value


def test_a_password_is_exchanged_for_tokens(sign_in, stub):
    answer = {"AuthenticationResult": {**RESULT, "RefreshToken": "refresh-1"}}
    stub.add_response("initiate_auth", answer, BY_PASSWORD)

    assert sign_in(PASSWORD) == Tokens(
        token="access",
        access_token="access",
        id_token="id",
        expires_in=3600,
        token_type="Bearer",
        refresh_token="refresh-1",
    )


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        pytest.param({}, "refresh-1", id="none sent: the old one stays good"),
        pytest.param({"RefreshToken": "refresh-2"}, "refresh-2", id="a new one sent"),
    ],
)
def test_a_refresh_token_is_exchanged_for_tokens(sign_in, stub, sent, kept):
    stub.add_response("initiate_auth", {"AuthenticationResult": {**RESULT, **sent}}, BY_REFRESH_TOKEN)

    tokens = sign_in(REFRESH)

    assert (tokens.token, tokens.refresh_token) == ("access", kept)


def test_a_password_without_a_refresh_token_in_the_answer_gives_none(sign_in, stub):
    stub.add_response("initiate_auth", {"AuthenticationResult": RESULT}, BY_PASSWORD)

    assert sign_in(PASSWORD).refresh_token is UNSET


WRONG = [
    "NotAuthorizedException",
    "UserNotFoundException",
    "UserNotConfirmedException",
    "PasswordResetRequiredException",
    "InvalidParameterException",
]


@pytest.mark.parametrize("code", WRONG)
def test_an_unknown_user_and_a_wrong_password_cannot_be_told_apart(sign_in, stub, code):
    stub.add_client_error("initiate_auth", "NotAuthorizedException", "Incorrect username or password.", 400)
    stub.add_client_error("initiate_auth", code, "User ann does not exist in pool eu-central-1_abc", 400)

    wrong_password, other = refusal_of(sign_in), refusal_of(sign_in)

    assert vars(other) == vars(wrong_password)
    assert other.args == wrong_password.args
    assert other.reason == "unauthorized"


def test_a_refresh_token_that_is_no_longer_valid_is_unauthorized(sign_in, stub):
    stub.add_client_error("initiate_auth", "NotAuthorizedException", "Refresh Token has been revoked", 400)

    assert refusal_of(sign_in, REFRESH).reason == "unauthorized"


@pytest.mark.parametrize("code", ["TooManyRequestsException", "LimitExceededException"])
def test_too_many_attempts_are_throttled(sign_in, stub, code):
    stub.add_client_error("initiate_auth", code, "Rate exceeded", 400)

    assert refusal_of(sign_in).reason == "throttled"


@pytest.mark.parametrize("challenge", ["SOFTWARE_TOKEN_MFA", "NEW_PASSWORD_REQUIRED"])
def test_a_further_step_is_handed_to_the_client(sign_in, stub, challenge):
    session = "s" * 20
    stub.add_response(
        "initiate_auth", {"ChallengeName": challenge, "Session": session, "ChallengeParameters": {}}, BY_PASSWORD
    )

    refusal = refusal_of(sign_in)

    assert refusal.reason == "conflict"
    assert refusal.extra == {"challenge": challenge, "session": session}


@pytest.mark.parametrize(
    "code", ["InternalErrorException", "ResourceNotFoundException", "InvalidUserPoolConfiguration"]
)
def test_what_is_not_the_users_doing_is_raised(sign_in, stub, code):
    stub.add_client_error("initiate_auth", code, "broken", 400)

    with pytest.raises(ClientError, match=code):
        sign_in(PASSWORD)
