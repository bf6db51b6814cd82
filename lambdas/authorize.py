"""The TOKEN authorizer: identifies the caller and lists the routes that the token allows."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from lambdas.identity.policy import policy
from lambdas.identity.tokens import InvalidToken, KeySet, TokenVerifier, without_scheme
from lambdas.runtime.metrics import Metric, count_by_kind

logger = Logger()


@cache
def verifier() -> TokenVerifier:
    """Verifies tokens of the pool `TOKEN_ISSUER` for the client `USER_POOL_CLIENT_ID` with the keys at `JWKS_URL`."""
    return TokenVerifier(os.environ["TOKEN_ISSUER"], os.environ["USER_POOL_CLIENT_ID"], KeySet(os.environ["JWKS_URL"]))


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return the caller's policy. API Gateway turns only an exception with the text `Unauthorized` into a 401."""
    try:
        caller = verifier().caller(without_scheme(event["authorizationToken"]))
        answer = policy(caller, event["methodArn"])
    except InvalidToken as error:
        logger.info("denied", extra={"reason": str(error)})
        raise Exception("Unauthorized") from None
    except Exception as error:
        # Not the caller's fault. An alarm needs this metric, because Lambda counts every denial as an error.
        count_by_kind(Metric.FAILURES, type(error).__name__)
        logger.exception("denied")
        raise Exception("Unauthorized") from None
    logger.info("allowed", extra={"customer": caller.name})
    return answer
