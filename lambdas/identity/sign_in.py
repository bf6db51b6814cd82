"""Sign-in against Cognito."""

from typing import TYPE_CHECKING, Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from msgspec import UNSET

from lambdas.errors import Reason, Refusal
from lambdas.identity.models import Credentials, Tokens

if TYPE_CHECKING:
    from types_boto3_cognito_idp.client import CognitoIdentityProviderClient

WRONG = "The user name or the password is wrong, or the token is no longer valid."
"""One message for all of them: it must not tell who has an account here."""

REASONS: dict[str, tuple[Reason, str]] = {
    "NotAuthorizedException": ("unauthorized", WRONG),
    "UserNotFoundException": ("unauthorized", WRONG),
    "UserNotConfirmedException": ("unauthorized", WRONG),
    "PasswordResetRequiredException": ("unauthorized", WRONG),
    "InvalidParameterException": ("unauthorized", WRONG),
    "TooManyRequestsException": ("throttled", "There were too many attempts. Try again in a moment."),
    "LimitExceededException": ("throttled", "There were too many attempts. Try again in a moment."),
}


class SignIn:
    """Exchanges credentials for tokens. Cognito's calls for that are public: no permission, no signature."""

    def __init__(self, client_id: str, client: "CognitoIdentityProviderClient | None" = None) -> None:
        self._client_id = client_id
        self._client = client or boto3.client("cognito-idp", config=Config(signature_version=UNSIGNED))

    def __call__(self, credentials: Credentials) -> Tokens:
        """The tokens. Refuses wrong credentials, and what Cognito answers with a further challenge."""
        try:
            answer = self._client.initiate_auth(ClientId=self._client_id, **_flow(credentials))
        except ClientError as error:
            reason = REASONS.get(error.response["Error"]["Code"])
            if reason is None:
                raise
            raise Refusal(*reason) from None
        if "ChallengeName" in answer:
            raise Refusal(
                "conflict",
                "Signing in takes another step.",
                extra={"challenge": answer["ChallengeName"], "session": answer.get("Session", "")},
            )
        result = answer["AuthenticationResult"]
        return Tokens(
            token=result["AccessToken"],
            access_token=result["AccessToken"],
            id_token=result["IdToken"],
            expires_in=result["ExpiresIn"],
            token_type=result["TokenType"],
            refresh_token=result.get("RefreshToken", credentials.refresh_token),
        )


def _flow(credentials: Credentials) -> Any:
    """The flow and its parameters, as `InitiateAuth` wants them."""
    if credentials.refresh_token is not UNSET:
        return {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": credentials.refresh_token}}
    parameters = {"USERNAME": credentials.username, "PASSWORD": credentials.password}
    return {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
