"""The events of the live updates about the café."""

from aws_lambda_powertools import Logger

from lambdas.api.channels import MENU, address
from lambdas.runtime.metrics import Metric, count
from lambdas.runtime.services import event_api

logger = Logger()


def publish_menu(revision: str) -> None:
    """Publish the menu's new entity tag, if the stack has an event API. Events are hints, so a failure costs no
    request: it is logged and counted."""
    publish({"menu": f'"{revision}"'})


def publish_open(is_open: bool) -> None:
    """Publish whether the café is open, as `publish_menu` does."""
    publish({"open": is_open})


def publish(event: dict[str, object]) -> None:
    """Publish an event to everyone who hears about the menu."""
    api = event_api()
    if api is None:
        return
    try:
        api.publish({str(address(MENU)): [event]})
    except Exception:
        logger.exception("not published live")
        count(Metric.LIVE_FAILURES)
