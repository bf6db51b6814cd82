"""`python -m ops verify`: an unchanged ledger is valid, and any tampering is reported."""

import pytest
from msgspec import structs

from lambdas.invoices.anchor import Anchor
from lambdas.invoices.keys import INDEXES, OF_INVOICE
from lambdas.invoices.ledger import EntryKind, Head, next_entry
from lambdas.invoices.models import InvoiceChanges
from lambdas.invoices.table import InvoicesTable, to_item
from ops import verify
from tests.lambdas.builders import ANN, BOB
from tests.lambdas.conftest import REGION
from tests.lambdas.invoices.conftest import NAMES, create
from tests.lambdas.invoices.world import World, an_invoice


@pytest.fixture
def client(aws, clients):
    client = clients["dynamodb"]
    create(client, NAMES.invoices, ("userId", "id"), INDEXES)
    create(client, NAMES.ledger, ("userId", "sequence"), [OF_INVOICE])
    create(client, NAMES.heads, ("userId",))
    return client


@pytest.fixture
def world(client, stack):
    stack.outputs.update(
        invoicesTableName=NAMES.invoices, ledgerTableName=NAMES.ledger, ledgerHeadsTableName=NAMES.heads
    )
    return World(InvoicesTable(NAMES, client))


@pytest.fixture
def ledger(world):
    """Six entries of ann's, from a changed and deleted draft and a paid invoice; and one of bob's."""
    gone = world.draft()
    world.invoices.update(ANN, gone.id, InvoiceChanges(amount=1))
    world.withdrawing.withdraw(ANN, gone.id)
    _, token = world.sent()
    world.paying.pay(token, "card")
    world.draft(BOB)
    return world


def key(sequence, user="ann"):
    return {"userId": {"S": user}, "sequence": {"N": str(sequence)}}


def set_(client, sequence, field, value):
    client.update_item(
        TableName=NAMES.ledger,
        Key=key(sequence),
        UpdateExpression="SET #field = :value",
        ExpressionAttributeNames={"#field": field},
        ExpressionAttributeValues={":value": value},
    )


def test_an_unchanged_ledger(run, ledger):
    assert run("verify") == (
        0,
        [
            "ann: 6 entries valid; 0.00 EUR owed, 42.00 EUR received",
            "bob: 1 entries valid; 0.00 EUR owed, 0.00 EUR received",
        ],
        [],
    )


def test_a_single_payee(run, ledger):
    assert run("verify", "bob")[1] == ["bob: 1 entries valid; 0.00 EUR owed, 0.00 EUR received"]


def test_an_empty_ledger(run, world):
    assert run("verify") == (0, ["the ledger is empty"], [])
    assert run("verify", "carol")[1] == ["carol: 0 entries valid"]


@pytest.mark.parametrize("place", range(1, 7))
@pytest.mark.parametrize(
    ("field", "value"), [("amount", {"N": "2"}), ("kind", {"S": "voided"}), ("note", {"S": "x"}), ("at", {"S": "x"})]
)
def test_a_changed_entry(run, client, ledger, place, field, value):
    set_(client, place, field, value)

    code, [ann, bob], _ = run("verify")

    assert code == 1
    assert ann.startswith(f"ann: entry {place} is invalid: ")
    assert bob.startswith("bob: 1 entries valid")


@pytest.mark.parametrize("place", range(1, 7))
def test_a_removed_entry(run, client, ledger, place):
    client.delete_item(TableName=NAMES.ledger, Key=key(place))

    assert run("verify", "ann")[1][0].startswith(f"ann: entry {place} is invalid: ")


def test_all_entries_removed(run, client, ledger):
    for place in range(1, 7):
        client.delete_item(TableName=NAMES.ledger, Key=key(place))

    assert run("verify")[1][0] == "ann: entry 1 is invalid: it is missing"


def test_a_removed_head(run, client, ledger):
    client.delete_item(TableName=NAMES.heads, Key={"userId": {"S": "ann"}})

    assert run("verify")[1][0].startswith("ann: entry 1 is invalid: ")


def test_a_forged_entry(run, client, ledger):
    entry = next_entry(ledger.store.head("ann"), EntryKind.PAID, an_invoice(), "bob")
    client.put_item(TableName=NAMES.ledger, Item=to_item(entry))

    assert run("verify", "ann")[1] == ["ann: entry 7 is invalid: the chain ends with entry 6"]


def test_a_changed_invoice(run, client, ledger):
    [paid] = ledger.store.page("ann", None, 25, None).items
    client.update_item(
        TableName=NAMES.invoices,
        Key={"userId": {"S": "ann"}, "id": {"S": paid.id}},
        UpdateExpression="SET amount = :amount",
        ExpressionAttributeValues={":amount": {"N": "1"}},
    )

    assert run("verify", "ann")[1] == [f"ann: entry 6 is invalid: invoice {paid.id} does not match it"]


def test_an_invalid_invoice(run, client, ledger):
    item = {"userId": {"S": "ann"}, "id": {"S": "x"}, "amount": {"S": "much"}}
    client.put_item(TableName=NAMES.invoices, Item=item)

    code, _, [line] = run("verify", "ann")

    assert (code, line.partition(": ")[2].partition(":")[0]) == (1, "an invoice cannot be read")


def test_more_invoices_than_a_page_holds(run, world):
    for _ in range(101):
        world.draft()

    assert run("verify") == (0, ["ann: 101 entries valid; 0.00 EUR owed, 0.00 EUR received"], [])


def test_a_ledger_that_grows_during_the_check(world):
    class Growing(InvoicesTable):
        def chain(self, user):
            world.draft()
            return super().chain(user)

    table = Growing(NAMES, world.store._client)
    chain = verify.read(table, "ann")

    assert len(chain.entries) == chain.head.sequence > 0
    assert verify.report(table, None, "ann")


def test_a_stack_without_a_ledger(run, stack):
    code, out, [line] = run("verify")

    assert (code, out) == (1, [])
    assert "`invoicesTableName`" in line


def test_an_aws_error_is_a_one_line_error(run, client, world):
    client.delete_table(TableName=NAMES.heads)

    code, out, [line] = run("verify")

    assert (code, out) == (1, [])
    assert line.startswith("the ledger: ")


def test_a_negative_balance(run, client, ledger):
    """A chain that fits, but in which more was voided than was ever sent."""
    head = ledger.store.head("ann")
    forged = next_entry(head, EntryKind.VOIDED, an_invoice(), "ann")
    client.put_item(TableName=NAMES.ledger, Item=to_item(forged))
    client.put_item(
        TableName=NAMES.heads,
        Item={"userId": {"S": "ann"}, "sequence": {"N": str(forged.sequence)}, "hash": {"S": forged.hash}},
    )

    code, out, _ = run("verify", "ann")

    assert (code, out) == (1, ["ann: the balance in EUR is negative"])


def test_a_rewritten_chain(run, client, ledger, stack):
    """A role that can put entries can write a valid chain, but it cannot change the copy."""
    s3 = stack.client("s3")
    s3.create_bucket(Bucket="anchor", CreateBucketConfiguration={"LocationConstraint": REGION})
    stack.outputs["ledgerAnchorBucketName"] = "anchor"
    anchor = Anchor("anchor", s3)
    for entry in ledger.store.chain("bob"):
        anchor.keep(entry)
    assert run("verify", "bob")[0] == 0

    forged = next_entry(Head(), EntryKind.CREATED, structs.replace(an_invoice(), user_id="bob"), "bob")
    client.put_item(TableName=NAMES.ledger, Item=to_item(forged))
    head = {"userId": {"S": "bob"}, "sequence": {"N": "1"}, "hash": {"S": forged.hash}}
    client.put_item(TableName=NAMES.heads, Item=head)
    assert run("verify", "bob")[:2] == (1, ["bob: entry 1 is invalid: its copy has another hash"])

    client.delete_item(TableName=NAMES.ledger, Key=key(1, "bob"))
    client.delete_item(TableName=NAMES.heads, Key={"userId": {"S": "bob"}})
    assert "bob: entry 1 is invalid: it is missing, but its copy is not" in run("verify")[1]
