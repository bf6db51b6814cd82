"""Changing an invoice: together with the ledger, and whoever else is at it."""

import random
import time
from collections.abc import Callable
from typing import NamedTuple

from msgspec import structs

from lambdas.invoices.ledger import EntryKind, next_entry
from lambdas.invoices.models import StoredInvoice
from lambdas.invoices.store import Store
from lambdas.runtime.errors import Refusal

ATTEMPTS = 30
"""How often a change is tried. Of many writers to one chain one gets through each time."""

SHORTEST_PAUSE = 0.005
LONGEST_PAUSE = 0.2
"""Bounds of the pause before another attempt, in seconds: it doubles, and each writer waits a random part of it. All
attempts together wait 2.5 s on average: well within a function's 10 s."""

RANDOM = random.SystemRandom()
"""Environments that start from one snapshot share the state of all other randomness, and would pause in step."""


class Change(NamedTuple):
    """What is to become of an invoice. A `deleted` one is removed, and `invoice` is what it was."""

    kind: EntryKind
    invoice: StoredInvoice


Decision = Callable[[StoredInvoice | None], Change | None]
"""What is to become of an invoice as it is now (`None`: there is none); `None` when it is right as it is. Raises
`Refusal`. It is asked again when somebody was faster."""


class Writer:
    """Writes to a store, again and again until nobody is faster."""

    def __init__(self, store: Store, pause: Callable[[float], None] = time.sleep) -> None:
        self._store = store
        self._pause = pause

    def write(self, user: str, id: str, by: str, decide: Decision) -> StoredInvoice | None:
        """Carry out a decision about a payee's invoice. Returns the invoice as it is then.

        Raises `Refusal`: what the decision raises, and `throttled` when others were faster too often.
        """
        for attempt in range(ATTEMPTS):
            before = self._store.get(user, id)
            change = decide(before)
            if change is None:
                return before
            entry = next_entry(self._store.head(user), change.kind, change.invoice, by)
            after = structs.replace(change.invoice, entry=entry.sequence)
            removed = change.kind is EntryKind.DELETED
            if self._store.commit(before, None if removed else after, entry):
                return None if removed else after
            self._pause(RANDOM.uniform(0, min(LONGEST_PAUSE, SHORTEST_PAUSE * 2**attempt)))
        raise Refusal("throttled", "Too many concurrent changes. Try again in a moment.")
