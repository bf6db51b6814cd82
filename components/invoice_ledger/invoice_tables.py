"""The tables of the invoices: what they are, their ledger, where its chains end, and what was paid."""

from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from lambdas.invoices.keys import INDEXES, OF_INVOICE

from ..blocks.table import make_table


class InvoiceTables(NamedTuple):
    """All of them."""

    invoices: aws.dynamodb.Table
    """By `userId` and `id`, with the indexes that `lambdas.invoices.keys` describes."""
    ledger: aws.dynamodb.Table
    """Entries by `userId` and `sequence`."""
    heads: aws.dynamodb.Table
    """The last entry of each `userId`."""
    charges: aws.dynamodb.Table
    """The payment provider's."""


def invoice_tables(name: str, protect: bool, parent: pulumi.Resource) -> InvoiceTables:
    """Make the tables. None forgets anything by itself."""
    return InvoiceTables(
        invoices=make_table(f"{name}-table", ("userId", "id"), parent, indexes=INDEXES, protect=protect),
        ledger=make_table(
            f"{name}-ledger",
            ("userId", "sequence"),
            parent,
            indexes=[OF_INVOICE],
            numbers=["sequence"],
            protect=protect,
        ),
        heads=make_table(f"{name}-heads", ("userId",), parent, protect=protect),
        charges=make_table(f"{name}-charges", ("id",), parent, protect=protect),
    )
