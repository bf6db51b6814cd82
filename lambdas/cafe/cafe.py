"""The use cases for the café's state, one method each."""

from collections.abc import Callable
from typing import Protocol

from msgspec import UNSET

from lambdas.cafe.menu import check_staff
from lambdas.cafe.models import Cafe
from lambdas.cafe.offer import Offer
from lambdas.cafe.opening import Opening
from lambdas.cafe.waiting import Waiting
from lambdas.runtime.caller import Caller
from lambdas.runtime.ids import now_ms


class Store(Protocol):
    """The port to the switch that staff set instead of the hours."""

    def offer(self) -> Offer:
        """The menu and the switch."""

    def set_switch(self, switch: bool | None) -> None:
        """Set the switch."""


class Cafes:
    """The café's use cases. `publish` tells the live updates whether it is open after a change."""

    def __init__(
        self,
        store: Store,
        opening: Opening,
        waiting: Waiting,
        publish: Callable[[bool], None] = lambda is_open: None,
        now: Callable[[], int] = now_ms,
    ) -> None:
        self._store = store
        self._opening = opening
        self._waiting = waiting
        self._publish = publish
        self._now = now

    def read(self) -> Cafe:
        """Whether the café is open, until when, and how long an order takes."""
        state = self._opening.state(self._now(), self._store.offer().switch)
        waiting, minutes = self._waiting.of_next()
        return Cafe(
            open=state.is_open,
            opens_at=UNSET if state.opens_at is None else state.opens_at,
            closes_at=UNSET if state.closes_at is None else state.closes_at,
            time_zone=self._opening.time_zone,
            waiting=waiting,
            minutes=minutes,
        )

    def change(self, caller: Caller, switch: bool | None) -> Cafe:
        """Open or close the café, or, with `None`, let its hours decide again."""
        check_staff(caller)
        self._store.set_switch(switch)
        cafe = self.read()
        self._publish(cafe.open)
        return cafe
