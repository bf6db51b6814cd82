import pytest

from lambdas.invoices.ledger import EntryKind
from lambdas.invoices.writing import ATTEMPTS, LONGEST_PAUSE, Change, Writer
from lambdas.runtime.errors import Refusal
from tests.lambdas.invoices.world import FakeInvoices, an_invoice


class Busy(FakeInvoices):
    """A store where another writer wins the first `times` commits."""

    def __init__(self, times):
        super().__init__()
        self.times = times

    def commit(self, before, after, entry, open_invoices=0):
        self.times -= 1
        return False if self.times >= 0 else super().commit(before, after, entry, open_invoices)


def create(before):
    return Change(EntryKind.CREATED, an_invoice())


@pytest.mark.parametrize("times", [0, 1, ATTEMPTS - 1])
def test_a_change_is_retried_until_it_succeeds(times):
    store, pauses = Busy(times), []
    made = Writer(store, pauses.append).write("ann", an_invoice().id, "ann", create)

    assert store.get("ann", made.id) == made
    assert (made.entry, len(pauses)) == (1, times)
    assert all(0 <= pause <= LONGEST_PAUSE for pause in pauses)


def test_after_the_last_attempt_nothing_is_written():
    store, pauses = Busy(ATTEMPTS), []

    with pytest.raises(Refusal) as refused:
        Writer(store, pauses.append).write("ann", an_invoice().id, "ann", create)

    assert refused.value.reason == "unavailable"
    assert (store.all(), store.chains, len(pauses)) == ([], {}, ATTEMPTS)


def test_all_pauses_fit_into_a_functions_timeout():
    pauses = []
    with pytest.raises(Refusal):
        Writer(Busy(ATTEMPTS), pauses.append).write("ann", an_invoice().id, "ann", create)

    assert sum(pauses) < ATTEMPTS * LONGEST_PAUSE < 7


def test_no_change_adds_no_entry():
    store = FakeInvoices()
    writer = Writer(store)
    made = writer.write("ann", an_invoice().id, "ann", create)

    assert writer.write("ann", made.id, "ann", lambda before: None) == made
    assert len(store.chain()) == 1


def test_every_attempt_decides_on_the_current_state():
    store = Busy(2)
    seen = []

    def decide(before):
        seen.append(before)
        return create(before)

    Writer(store, lambda pause: None).write("ann", an_invoice().id, "ann", decide)

    assert seen == [None, None, None]
