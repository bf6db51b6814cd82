"""Services that handlers of several domains call: created once per process, from environment variables."""

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.runtime.event_api import EventApi


@cache
def event_api() -> "EventApi | None":
    """The event API with the host name `LIVE_HOST` at `LIVE_URL`, or `None` for a stack without live updates."""
    if "LIVE_HOST" not in os.environ:
        return None
    from lambdas.runtime.event_api import EventApi

    return EventApi(os.environ["LIVE_HOST"], os.environ["LIVE_URL"])
