"""Eight writers on one payee's invoices, whose calls to the store and the provider interleave in any order."""

import contextlib
import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.invoices.ledger import balances, find_mismatch
from lambdas.invoices.models import InvoiceChanges, InvoiceStatus
from lambdas.invoices.paying import payment_key
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import ANN
from tests.lambdas.invoices.world import BASE, World, a_body

WRITERS = 8
GUARDED = ("get", "head", "commit", "by_link", "charge", "refund")
ACTIONS = st.sampled_from(["create", "patch", "send", "pay", "void"])


class Turns:
    """Runs one thread at a time, in a given order, from one guarded call to the next."""

    def __init__(self, order):
        self._order = iter(order)
        self._waiting = {}
        self._changed = threading.Condition()
        self._running = WRITERS

    def wait(self):
        """Wait for the calling writer's turn. Writers call this before each step."""
        me = threading.get_ident()
        with self._changed:
            self._waiting[me] = False
            self._choose()
            self._changed.wait_for(lambda: self._waiting[me])
            del self._waiting[me]

    def leave(self):
        """Remove the calling writer. Writers call this when they finish."""
        with self._changed:
            self._running -= 1
            self._choose()

    def _choose(self):
        """If all writers are waiting, choose the next one."""
        if self._running and len(self._waiting) == self._running and not any(self._waiting.values()):
            chosen = sorted(self._waiting)[next(self._order, 0) % self._running]
            self._waiting[chosen] = True
            self._changed.notify_all()


class Guarded:
    """A wrapper whose guarded methods wait for the caller's turn."""

    def __init__(self, inner, turns):
        self._inner, self._turns = inner, turns

    def __getattr__(self, name):
        call = getattr(self._inner, name)
        if name not in GUARDED:
            return call

        def guarded(*arguments):
            self._turns.wait()
            return call(*arguments)

        return guarded


def do(world, action, invoice, token):
    """Perform an action and ignore refusals."""
    with contextlib.suppress(Refusal):
        match action:
            case "create":
                world.invoices.create(ANN, a_body(amount=7))
            case "patch":
                world.invoices.update(ANN, invoice, InvoiceChanges(amount=50))
            case "send":
                token.append(world.sending.send(ANN, invoice).link.removeprefix(BASE))
            case "pay" if token:
                world.paying.pay(token[0], "card")
            case "void":
                world.withdrawing.withdraw(ANN, invoice)


def run(world, plans, order):
    """Run the writers' plans on two invoices: a draft and a sent one."""
    draft, (sent, token) = world.draft(amount=100), world.sent(amount=30)
    tokens = {draft.id: [], sent.id: [token]}
    turns = Turns(order)
    guarded = World(Guarded(world.store, turns))
    guarded.payments = Guarded(world.payments, turns)
    guarded.paying._payments = guarded.withdrawing._payments = guarded.payments
    problems = []

    def writer(plan):
        try:
            turns.wait()
            for action, about_draft in plan:
                invoice = draft.id if about_draft else sent.id
                do(guarded, action, invoice, tokens[invoice])
        except BaseException as error:  # noqa: BLE001  reported by the main thread
            problems.append(error)
        finally:
            turns.leave()

    threads = [threading.Thread(target=writer, args=(plan,)) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert problems == []
    assert not any(thread.is_alive() for thread in threads)


def check(world):
    chain, invoices = world.store.chain(), world.store.all()
    balance = balances(chain)["EUR"]

    assert world.store.is_consistent()
    assert find_mismatch(chain, invoices) is None
    assert balance.owed == sum(invoice.amount for invoice in invoices if invoice.status is InvoiceStatus.SENT)
    assert balance.received == sum(invoice.amount for invoice in invoices if invoice.status is InvoiceStatus.PAID)
    # The provider's charges equal the paid amounts.
    charged = {key: amount for key, amount in world.payments.amounts.items() if amount}
    paid = [invoice for invoice in invoices if invoice.status is InvoiceStatus.PAID]
    assert charged == {payment_key(invoice): invoice.amount for invoice in paid}
    for invoice in invoices:
        final_entries = [
            entry.kind for entry in chain if entry.invoice_id == invoice.id and entry.kind in ("paid", "voided")
        ]
        assert len(final_entries) == (1 if invoice.status in (InvoiceStatus.PAID, InvoiceStatus.VOID) else 0)


PLANS = st.lists(
    st.lists(st.tuples(ACTIONS, st.booleans()), min_size=1, max_size=4), min_size=WRITERS, max_size=WRITERS
)


@settings(max_examples=60)
@given(PLANS, st.lists(st.integers(0, WRITERS - 1), max_size=300))
def test_concurrent_writers_keep_the_chain_and_the_balance_consistent(plans, order):
    world = World()

    run(world, plans, order)

    check(world)


@settings(max_examples=60)
@given(st.lists(st.integers(0, WRITERS - 1), max_size=300))
def test_either_paying_or_withdrawing_succeeds(order):
    world = World()

    run(world, [[("pay" if n % 2 else "void", False)] for n in range(WRITERS)], order)

    check(world)
    assert len({"paid", "voided"} & set(world.kinds())) == 1
