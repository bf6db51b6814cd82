"""Changing an invoice together with its ledger, with retries after concurrent writes."""

import random
import time
from collections.abc import Callable
from typing import NamedTuple

from msgspec import structs

from lambdas.invoices.ledger import OPENS, EntryKind, next_entry
from lambdas.invoices.models import StoredInvoice
from lambdas.invoices.store import Store
from lambdas.runtime.errors import Refusal

ATTEMPTS = 30
"""The maximum number of attempts. Of several concurrent writers to one chain, one succeeds each time."""

SHORTEST_PAUSE = 0.005
LONGEST_PAUSE = 0.2
"""Bounds, in seconds, of the pause between attempts. It doubles each time, and each writer waits a random part of it.
All pauses together take 2.5 s on average, well within the function's timeout of 10 s."""

RANDOM = random.SystemRandom()
"""Environments restored from one snapshot share the state of other generators, and would pause in lockstep."""


class Change(NamedTuple):
    """A change to an invoice. `invoice` is its new state; for `deleted`, its last state."""

    kind: EntryKind
    invoice: StoredInvoice


Decision = Callable[[StoredInvoice | None], Change | None]
"""Takes the current invoice (`None` if there is none) and returns the change to make, or `None` for no change. Raises
`Refusal`. It is called again after a concurrent write."""


class Writer:
    """Writes to a store, and retries after concurrent writes."""

    def __init__(self, store: Store, pause: Callable[[float], None] = time.sleep) -> None:
        self._store = store
        self._pause = pause

    def write(self, user: str, id: str, by: str, decide: Decision, limit: int | None = None) -> StoredInvoice | None:
        """Apply a decision to a payee's invoice. Return the resulting invoice. With a `limit`, the payee gets no new
        invoice while that many are open.

        Raises `Refusal`: whatever the decision raises, `throttled` above the limit, or `unavailable` after too many
        concurrent writes.
        """
        for attempt in range(ATTEMPTS):
            before = self._store.get(user, id)
            change = decide(before)
            if change is None:
                return before
            head = self._store.head(user)
            if limit is not None and change.kind is EntryKind.CREATED and head.open >= limit:
                raise Refusal("throttled", f"You have {limit:,} open invoices. Withdraw some first.", retry_after=60)
            entry = next_entry(head, change.kind, change.invoice, by)
            after = structs.replace(change.invoice, entry=entry.sequence)
            removed = change.kind is EntryKind.DELETED
            # A head from before the numbers were kept has none.
            open_invoices = max(0, head.open + OPENS.get(change.kind, 0))
            if self._store.commit(before, None if removed else after, entry, open_invoices):
                return None if removed else after
            self._pause(RANDOM.uniform(0, min(LONGEST_PAUSE, SHORTEST_PAUSE * 2**attempt)))
        raise Refusal("unavailable", "Too many concurrent changes. Try again in a moment.")
