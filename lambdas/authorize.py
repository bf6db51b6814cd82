"""The TOKEN authorizer: identifies the caller and lists the routes that the token allows."""

from typing import Any

from aws_lambda_powertools import Logger

from lambdas.identity.policy import policy
from lambdas.identity.token_services import caller_of
from lambdas.identity.tokens import InvalidToken, without_scheme
from lambdas.runtime.metrics import Metric, count_by_kind

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return the caller's policy. API Gateway turns an exception with the text `Unauthorized` into a 401, and any other
    into the 503 of `components/rest_api/gateway_responses.py`: nobody is signed out by a fault of ours."""
    try:
        token = event.get("authorizationToken")
        if not isinstance(token, str):
            raise InvalidToken("no token")
        caller = caller_of(without_scheme(token))
        answer = policy(caller, event["methodArn"])
    # A name with half of a character cannot be part of a policy.
    except (InvalidToken, UnicodeEncodeError) as error:
        logger.info("denied", extra={"reason": str(error)})
        raise Exception("Unauthorized") from None
    except Exception as error:
        # Not the caller's fault. An alarm needs this metric, because Lambda counts every denial as an error.
        count_by_kind(Metric.FAILURES, type(error).__name__)
        logger.exception("denied")
        raise Exception("The token could not be verified") from None
    logger.info("allowed", extra={"customer": caller.name})
    return answer
