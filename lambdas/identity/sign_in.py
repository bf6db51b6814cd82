"""Sign-in against Cognito."""

from typing import TYPE_CHECKING, Any

from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from msgspec import UNSET

from lambdas.identity.models import Credentials, Tokens
from lambdas.runtime import aws
from lambdas.runtime.errors import Reason, Refusal

if TYPE_CHECKING:
    from types_boto3_cognito_idp.client import CognitoIdentityProviderClient

WRONG = "The user name or the password is wrong, or the token is no longer valid."
"""One message for all of them: it must not tell who has an account here."""

BUSY = "There were too many attempts. Try again in a moment."

REASONS: dict[str, tuple[Reason, str]] = {
    "NotAuthorizedException": ("unauthorized", WRONG),
    "UserNotFoundException": ("unauthorized", WRONG),
    "UserNotConfirmedException": ("unauthorized", WRONG),
    "PasswordResetRequiredException": ("unauthorized", WRONG),
    "InvalidParameterException": ("unauthorized", WRONG),
    "CodeMismatchException": ("unauthorized", "The code is wrong."),
    "ExpiredCodeException": ("unauthorized", "The code is no longer valid."),
    "EnableSoftwareTokenMFAException": ("unauthorized", "The code is wrong."),
    "InvalidPasswordException": (
        "invalid",
        "The new password is too weak: it takes 12 characters, with small and capital letters, digits and symbols.",
    ),
    "TooManyRequestsException": ("throttled", BUSY),
    "TooManyFailedAttemptsException": ("throttled", BUSY),
    "LimitExceededException": ("throttled", BUSY),
}
"""What Cognito's errors mean to the one who signs in."""


class SignIn:
    """Exchanges credentials for tokens. Cognito's calls for that are public: no permission, no signature."""

    def __init__(self, client_id: str, client: "CognitoIdentityProviderClient | None" = None) -> None:
        self._client_id = client_id
        unsigned = Config(signature_version=UNSIGNED)
        self._client: CognitoIdentityProviderClient = client or aws.client("cognito-idp", unsigned)

    def __call__(self, credentials: Credentials) -> Tokens:
        """The tokens.

        Refuses wrong credentials; a challenge is a conflict, which names it and carries the session to answer it with.
        """
        try:
            answer = self._send(credentials)
        except ClientError as error:
            reason = REASONS.get(error.response["Error"]["Code"])
            if reason is None:
                raise
            raise Refusal(*reason) from None
        if "ChallengeName" in answer:
            challenge = {"challenge": answer["ChallengeName"], "session": answer.get("Session", "")}
            raise Refusal("conflict", "Signing in takes another step.", extra=challenge)
        result = answer["AuthenticationResult"]
        return Tokens(
            token=result["AccessToken"],
            access_token=result["AccessToken"],
            id_token=result["IdToken"],
            expires_in=result["ExpiresIn"],
            token_type=result["TokenType"],
            refresh_token=result.get("RefreshToken", credentials.refresh_token),
        )

    def _send(self, credentials: Credentials) -> Any:
        """Ask Cognito in the way that these credentials are for."""
        if credentials.session is not UNSET:
            return self._client.respond_to_auth_challenge(
                ClientId=self._client_id, Session=credentials.session, **_challenge_answer(credentials)
            )
        return self._client.initiate_auth(ClientId=self._client_id, **_flow(credentials))


def _flow(credentials: Credentials) -> Any:
    """The flow and its parameters, as `InitiateAuth` wants them."""
    if credentials.refresh_token is not UNSET:
        return {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": credentials.refresh_token}}
    parameters = {"USERNAME": credentials.username, "PASSWORD": credentials.password}
    return {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}


def _challenge_answer(credentials: Credentials) -> Any:
    """The challenge that these credentials answer, as `RespondToAuthChallenge` wants it."""
    user = {"USERNAME": credentials.username}
    if credentials.code is not UNSET:
        answer = {**user, "SOFTWARE_TOKEN_MFA_CODE": credentials.code}
        return {"ChallengeName": "SOFTWARE_TOKEN_MFA", "ChallengeResponses": answer}
    answer = {**user, "NEW_PASSWORD": credentials.new_password}
    return {"ChallengeName": "NEW_PASSWORD_REQUIRED", "ChallengeResponses": answer}
