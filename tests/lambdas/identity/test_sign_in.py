import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from msgspec import UNSET

from lambdas.identity.models import Credentials, Tokens
from lambdas.identity.sign_in import SignIn
from lambdas.runtime.errors import Refusal

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
        pytest.param({}, "refresh-1", id="the old one stays valid"),
        pytest.param({"RefreshToken": "refresh-2"}, "refresh-2", id="a new one"),
    ],
)
def test_a_refresh_token_is_exchanged_for_tokens(sign_in, stub, sent, kept):
    stub.add_response("initiate_auth", {"AuthenticationResult": {**RESULT, **sent}}, BY_REFRESH_TOKEN)

    tokens = sign_in(REFRESH)

    assert (tokens.token, tokens.refresh_token) == ("access", kept)


def test_a_response_without_a_refresh_token_leaves_it_unset(sign_in, stub):
    stub.add_response("initiate_auth", {"AuthenticationResult": RESULT}, BY_PASSWORD)

    assert sign_in(PASSWORD).refresh_token is UNSET


REJECTIONS = [
    "NotAuthorizedException",
    "UserNotFoundException",
    "UserNotConfirmedException",
    "PasswordResetRequiredException",
    "InvalidParameterException",
]


@pytest.mark.parametrize("code", REJECTIONS)
def test_unknown_users_and_wrong_passwords_get_the_same_refusal(sign_in, stub, code):
    stub.add_client_error("initiate_auth", "NotAuthorizedException", "Incorrect username or password.", 400)
    stub.add_client_error("initiate_auth", code, "User ann does not exist in pool eu-central-1_abc", 400)

    wrong_password, other = refusal_of(sign_in), refusal_of(sign_in)

    assert vars(other) == vars(wrong_password)
    assert other.args == wrong_password.args
    assert other.reason == "unauthorized"


def test_an_invalid_refresh_token_is_unauthorized(sign_in, stub):
    stub.add_client_error("initiate_auth", "NotAuthorizedException", "Refresh Token has been revoked", 400)

    assert refusal_of(sign_in, REFRESH).reason == "unauthorized"


@pytest.mark.parametrize("code", ["TooManyRequestsException", "LimitExceededException"])
def test_too_many_attempts_are_throttled(sign_in, stub, code):
    stub.add_client_error("initiate_auth", code, "Rate exceeded", 400)

    assert refusal_of(sign_in).reason == "throttled"


@pytest.mark.parametrize("challenge", ["SOFTWARE_TOKEN_MFA", "NEW_PASSWORD_REQUIRED"])
def test_a_challenge_is_returned_to_the_client(sign_in, stub, challenge):
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
def test_other_errors_are_raised(sign_in, stub, code):
    stub.add_client_error("initiate_auth", code, "broken", 400)

    with pytest.raises(ClientError, match=code):
        sign_in(PASSWORD)


CODE = Credentials(username="ann@example.com", session="s" * 20, code="123456")
NEW = Credentials(username="ann@example.com", session="s" * 20, new_password="Cafe-local-2")


@pytest.mark.parametrize(
    ("credentials", "challenge", "answer"),
    [
        (CODE, "SOFTWARE_TOKEN_MFA", {"SOFTWARE_TOKEN_MFA_CODE": "123456"}),
        (NEW, "NEW_PASSWORD_REQUIRED", {"NEW_PASSWORD": "Cafe-local-2"}),
    ],
    ids=["a code", "a new password"],
)
def test_a_challenge_is_answered_with_its_session(sign_in, stub, credentials, challenge, answer):
    expected = {
        "ClientId": "client",
        "ChallengeName": challenge,
        "Session": "s" * 20,
        "ChallengeResponses": {"USERNAME": "ann@example.com", **answer},
    }
    stub.add_response("respond_to_auth_challenge", {"AuthenticationResult": RESULT}, expected)

    assert sign_in(credentials).token == "access"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("NotAuthorizedException", "unauthorized"),
        ("CodeMismatchException", "unauthorized"),
        ("ExpiredCodeException", "unauthorized"),
        ("InvalidPasswordException", "invalid"),
        ("TooManyFailedAttemptsException", "throttled"),
    ],
)
def test_a_rejected_challenge_response_is_refused(sign_in, stub, code, reason):
    stub.add_client_error("respond_to_auth_challenge", code, "Invalid session for the user ann.", 400)

    refusal = refusal_of(sign_in, CODE)

    assert refusal.reason == reason
    assert "ann" not in refusal.detail


def test_a_challenge_can_follow_another(sign_in, stub):
    answer = {"ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": "t" * 20, "ChallengeParameters": {}}
    stub.add_response("respond_to_auth_challenge", answer)

    assert refusal_of(sign_in, NEW).extra == {"challenge": "SOFTWARE_TOKEN_MFA", "session": "t" * 20}


def test_a_setting_of_the_client_that_refuses_everyone_is_not_the_callers_fault(sign_in, stub):
    """A 401 would sign everyone out."""
    message = "USER_PASSWORD_AUTH flow not enabled for this client"
    stub.add_client_error("initiate_auth", "InvalidParameterException", message, 400)

    with pytest.raises(ClientError, match="not enabled"):
        sign_in(PASSWORD)


def test_the_case_of_a_user_name_does_not_matter(sign_in, stub):
    parameters = {"USERNAME": "ann@example.com", "PASSWORD": "Cafe-local-1"}
    expected = {"ClientId": "client", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
    stub.add_response("initiate_auth", {"AuthenticationResult": RESULT}, expected)

    assert sign_in(Credentials(username="Ann@Example.COM", password="Cafe-local-1")).token == "access"
