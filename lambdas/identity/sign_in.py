"""Sign-in with Cognito."""

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
"""One message for all these errors, so that it does not reveal which accounts exist."""

BUSY = "Too many attempts. Try again in a moment."

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
        "The new password is too weak. Use at least 12 characters: lowercase, uppercase, digits and symbols.",
    ),
    "TooManyRequestsException": ("throttled", BUSY),
    "TooManyFailedAttemptsException": ("throttled", BUSY),
    "LimitExceededException": ("throttled", BUSY),
}
"""The refusal for each Cognito error."""


class SignIn:
    """Exchanges credentials for tokens. These Cognito operations are public: they need no permission or signature."""

    def __init__(self, client_id: str, client: "CognitoIdentityProviderClient | None" = None) -> None:
        self._client_id = client_id
        unsigned = Config(signature_version=UNSIGNED)
        self._client: CognitoIdentityProviderClient = client or aws.client("cognito-idp", unsigned)

    def __call__(self, credentials: Credentials) -> Tokens:
        """Return the tokens.

        Raises `Refusal`: `unauthorized` for wrong credentials, `conflict` for a challenge, with its name and session.
        """
        try:
            response = self._send(credentials)
        except ClientError as error:
            reason = REASONS.get(error.response["Error"]["Code"])
            # The client's own settings refuse every caller, and must not sign anyone out.
            if reason is None or "flow not enabled" in error.response["Error"].get("Message", ""):
                raise
            raise Refusal(*reason) from None
        if "ChallengeName" in response:
            challenge = {"challenge": response["ChallengeName"], "session": response.get("Session", "")}
            raise Refusal("conflict", "Signing in takes another step.", extra=challenge)
        result = response["AuthenticationResult"]
        return Tokens(
            token=result["AccessToken"],
            access_token=result["AccessToken"],
            id_token=result["IdToken"],
            expires_in=result["ExpiresIn"],
            token_type=result["TokenType"],
            refresh_token=result.get("RefreshToken", credentials.refresh_token),
        )

    def _send(self, credentials: Credentials) -> Any:
        """Call the Cognito operation for this kind of credentials."""
        if credentials.session is not UNSET:
            return self._client.respond_to_auth_challenge(
                ClientId=self._client_id, Session=credentials.session, **_challenge_response(credentials)
            )
        return self._client.initiate_auth(ClientId=self._client_id, **_flow(credentials))


def _flow(credentials: Credentials) -> Any:
    """The flow and its parameters for `InitiateAuth`."""
    if credentials.refresh_token is not UNSET:
        return {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": credentials.refresh_token}}
    parameters = {"USERNAME": _name(credentials), "PASSWORD": credentials.password}
    return {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}


def _challenge_response(credentials: Credentials) -> Any:
    """The challenge response for `RespondToAuthChallenge`."""
    user: dict[str, Any] = {"USERNAME": _name(credentials)}
    if credentials.code is not UNSET:
        responses = {**user, "SOFTWARE_TOKEN_MFA_CODE": credentials.code}
        return {"ChallengeName": "SOFTWARE_TOKEN_MFA", "ChallengeResponses": responses}
    responses = {**user, "NEW_PASSWORD": credentials.new_password}
    return {"ChallengeName": "NEW_PASSWORD_REQUIRED", "ChallengeResponses": responses}


def _name(credentials: Credentials) -> str:
    """The user name in the pool's form: it does not distinguish upper and lower case."""
    assert credentials.username is not UNSET
    return credentials.username.lower()
