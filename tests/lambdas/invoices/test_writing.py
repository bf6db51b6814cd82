import pytest

from lambdas.invoices.ledger import EntryKind
from lambdas.invoices.writing import ATTEMPTS, LONGEST_PAUSE, Change, Writer
from lambdas.runtime.errors import Refusal
from tests.lambdas.invoices.world import FakeInvoices, an_invoice


class Busy(FakeInvoices):
    """Somebody else is faster, so many times."""

    def __init__(self, times):
        super().__init__()
        self.times = times

    def commit(self, before, after, entry):
        self.times -= 1
        return False if self.times >= 0 else super().commit(before, after, entry)


def create(before):
    return Change(EntryKind.CREATED, an_invoice())


@pytest.mark.parametrize("times", [0, 1, ATTEMPTS - 1])
def test_a_change_is_tried_until_nobody_is_faster(times):
    store, pauses = Busy(times), []
    made = Writer(store, pauses.append).write("ann", an_invoice().id, "ann", create)

    assert store.get("ann", made.id) == made
    assert (made.entry, len(pauses)) == (1, times)
    assert all(0 <= pause <= LONGEST_PAUSE for pause in pauses)


def test_it_is_given_up_in_the_end_and_nothing_is_written():
    store, pauses = Busy(ATTEMPTS), []

    with pytest.raises(Refusal) as refused:
        Writer(store, pauses.append).write("ann", an_invoice().id, "ann", create)

    assert refused.value.reason == "throttled"
    assert (store.all(), store.chains, len(pauses)) == ([], {}, ATTEMPTS)


def test_all_pauses_together_leave_a_function_time():
    pauses = []
    with pytest.raises(Refusal):
        Writer(Busy(ATTEMPTS), pauses.append).write("ann", an_invoice().id, "ann", create)

    assert sum(pauses) < ATTEMPTS * LONGEST_PAUSE < 7


def test_what_is_right_as_it_is_leaves_no_entry():
    store = FakeInvoices()
    writer = Writer(store)
    made = writer.write("ann", an_invoice().id, "ann", create)

    assert writer.write("ann", made.id, "ann", lambda before: None) == made
    assert len(store.chain()) == 1


def test_it_is_decided_again_on_what_the_faster_one_left():
    store = Busy(2)
    seen = []

    def decide(before):
        seen.append(before)
        return create(before)

    Writer(store, lambda pause: None).write("ann", an_invoice().id, "ann", decide)

    assert seen == [None, None, None]
