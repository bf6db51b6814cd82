"""The authorizer of the event API: who may connect, and who may subscribe to which channel."""

from typing import Any

from aws_lambda_powertools import Logger

from lambdas.identity.subscriptions import may_subscribe
from lambdas.identity.token_services import caller_of
from lambdas.identity.tokens import InvalidToken, without_scheme
from lambdas.runtime.metrics import Metric, count_by_kind

logger = Logger()


@logger.inject_lambda_context(correlation_id_path="requestContext.requestId")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return whether the token allows the operation; raise if that cannot be known.

    `ttlOverride` keeps AppSync from reusing the answer for another channel: AWS does not say whether a cached answer is
    about the channel, or only about the token.
    """
    return {"isAuthorized": _is_authorized(event), "ttlOverride": 0}


def _is_authorized(event: dict[str, Any]) -> bool:
    request = event.get("requestContext", {})
    operation, channel, token = request.get("operation"), request.get("channel"), event.get("authorizationToken")
    try:
        if not isinstance(token, str):
            raise InvalidToken("no token")
        caller = caller_of(without_scheme(token))
    except InvalidToken as error:
        logger.info("denied", extra={"operation": operation, "reason": str(error)})
        return False
    except Exception as error:
        # Not the caller's fault: AppSync reports a failure of the authorizer, and clients try again.
        count_by_kind(Metric.FAILURES, type(error).__name__)
        logger.exception("denied")
        raise Exception("The token could not be verified") from None
    # Publishing is never allowed here: only the stack's functions publish, by IAM.
    allowed = operation == "EVENT_CONNECT" or (
        operation == "EVENT_SUBSCRIBE" and isinstance(channel, str) and may_subscribe(caller, channel)
    )
    extra = {"operation": operation, "channel": channel, "customer": caller.name}
    logger.info("allowed" if allowed else "denied", extra=extra)
    return allowed
