"""Behavior specific to DynamoDB. `test_store.py` tests the shared behavior of stores."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from lambdas.invoices.ledger import EntryKind, Head, balances, next_entry, verify
from lambdas.invoices.mail import NotMailed
from lambdas.invoices.models import InvoiceStatus
from lambdas.invoices.table import InvoicesTable, entry_writes, invoice_write, to_item
from lambdas.payments.provider import PaymentProvider
from tests.lambdas.fakes import OneAtATime
from tests.lambdas.invoices.conftest import NAMES
from tests.lambdas.invoices.world import World, an_invoice


def cancelled(*codes):
    reasons = [{"Code": code} for code in codes]
    return {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}


class Refusing:
    """A client whose transactions are canceled with the given reason codes."""

    def __init__(self, client, *codes):
        self.exceptions = client.exceptions
        self._response = cancelled(*codes)

    def transact_write_items(self, **request):
        raise self.exceptions.TransactionCanceledException(self._response, "TransactWriteItems")


def commit(table):
    invoice = an_invoice(entry=1)
    return table.commit(None, invoice, next_entry(Head(), EntryKind.CREATED, invoice, "ann"))


@pytest.mark.parametrize(
    "codes",
    [
        ("None", "ConditionalCheckFailed", "None"),
        ("None", "None", "TransactionConflict"),
        ("ThrottlingError", "None", "None"),
    ],
)
def test_a_lost_race_returns_false(client, codes):
    assert commit(InvoicesTable(NAMES, Refusing(client, *codes))) is False


def test_other_cancellations_raise_an_error(client):
    with pytest.raises(ClientError):
        commit(InvoicesTable(NAMES, Refusing(client, "None", "ValidationError", "ConditionalCheckFailed")))


def test_an_entry_never_overwrites_another():
    entry = next_entry(Head(3, "h"), EntryKind.SENT, an_invoice(), "ann")
    [put, head] = entry_writes(NAMES, entry)

    assert put == {
        "Put": {"TableName": "ledger", "Item": to_item(entry), "ConditionExpression": "attribute_not_exists(userId)"}
    }
    assert head["Put"]["TableName"] == "heads"
    assert head["Put"]["ExpressionAttributeValues"] == {":previous": {"S": "h"}}


def test_an_item_has_the_keys_of_its_indexes():
    item = to_item(an_invoice(link="d" * 64))

    assert item["_link"] == {"S": "d" * 64}
    assert item["_userStatus"] == {"S": "ann#draft"}
    assert item["_shardStatus"]["S"] == f"{item['_shard']['S']}#draft"


def test_a_draft_is_not_in_the_link_index():
    assert "_link" not in to_item(an_invoice())


def test_a_write_is_conditional_on_the_entry_that_was_read():
    [(kind, write)] = invoice_write("t", an_invoice(entry=7), None).items()

    assert (kind, write["ExpressionAttributeValues"]) == ("Delete", {":entry": {"N": "7"}})


@pytest.fixture
def world(client, table, clients):
    clients["dynamodb"].create_table(
        TableName="charges",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    world = World(table)
    world.paying._payments = world.withdrawing._payments = PaymentProvider("charges", client=client)
    return world


def at_once(count, call):
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda _: call(), range(count)))


def test_sixteen_concurrent_payments_charge_once(world, client):
    _, token = world.sent()

    answers = at_once(16, lambda: world.paying.pay(token, "card"))

    assert {answer.status for answer in answers} == {InvoiceStatus.PAID}
    assert len({answer.paid_at for answer in answers}) == 1
    charges = OneAtATime(client).scan(TableName="charges")["Items"]
    assert [(charge["amount"]["N"], charge["status"]["S"]) for charge in charges] == [("4200", "paid")]
    chain = list(world.store.chain("ann"))
    assert [entry.kind for entry in chain] == ["created", "sent", "paid"]
    assert verify(chain, world.store.head("ann")) is None
    assert balances(chain)["EUR"] == (0, 4200)


def test_eight_concurrent_writers_of_one_chain_succeed(world):
    at_once(8, world.draft)

    chain = list(world.store.chain("ann"))
    assert [entry.sequence for entry in chain] == list(range(1, 9))
    assert verify(chain, world.store.head("ann")) is None


class Unavailable:
    """A client whose updates fail."""

    def __init__(self, client):
        self.exceptions = client.exceptions

    def update_item(self, **_):
        raise EndpointConnectionError(endpoint_url="https://dynamodb.test")


def test_an_email_that_cannot_be_counted_is_not_mailed(client):
    """By then the invoice is sent: the answer must have its link."""
    with pytest.raises(NotMailed, match="could not be counted"):
        InvoicesTable(NAMES, Unavailable(client)).count_mail("ann", 1, 3)


def test_emails_are_counted_by_day(client):
    table = InvoicesTable(NAMES, client)

    assert [table.count_mail("ann", 1, 3) for _ in range(4)] == [True, True, True, False]
    assert [table.count_mail("ann", 2, 3), table.count_mail("bob", 1, 3)] == [True, True]
    assert table.page("ann", None, 25, None).items == []


def test_of_two_first_emails_of_a_day_both_are_counted(client):
    table = InvoicesTable(NAMES, client)
    updates = table._update_mails
    calls = []

    def overtaken(user, *update):
        calls.append(update)
        if len(calls) == 2:
            updates(user, *update)  # another call of the same moment
        return updates(user, *update)

    table._update_mails = overtaken

    assert table.count_mail("ann", 1, 3) is True
    assert [table.count_mail("ann", 1, 3) for _ in range(2)] == [True, False]
