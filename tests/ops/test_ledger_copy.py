import pytest

from lambdas.invoices.ledger import BrokenEntry
from ops.ledger_copy import compare
from tests.lambdas.test_anchor_ledger import chain


@pytest.mark.parametrize(
    ("copied", "broken"),
    [
        ([], None),
        ([1, 2, 3, 4], None),
        ([2, 3], None),
        ([1, 3], BrokenEntry(2, "it has no copy")),
        ([3, 4, 5], BrokenEntry(5, "it is missing, but its copy is not")),
    ],
    ids=["none", "all", "in the middle", "a gap", "more than the chain"],
)
def test_the_chain_must_contain_what_is_copied(copied, broken):
    entries = chain(5)

    assert compare(entries[:4], {number: {entries[number - 1].hash} for number in copied}) == broken
