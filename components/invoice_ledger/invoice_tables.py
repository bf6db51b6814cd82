"""The invoice tables: invoices, their ledger, the heads of its chains, and payments."""

from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from lambdas.invoices.keys import INDEXES, OF_INVOICE

from ..blocks.table import make_table


class InvoiceTables(NamedTuple):
    """The four tables."""

    invoices: aws.dynamodb.Table
    """By `userId` and `id`, with the indexes that `lambdas.invoices.keys` describes."""
    ledger: aws.dynamodb.Table
    """Entries by `userId` and `sequence`."""
    heads: aws.dynamodb.Table
    """The last ledger entry of each `userId`."""
    payments: aws.dynamodb.Table
    """The payment provider's payments, by `id`."""


def invoice_tables(name: str, protect: bool, parent: pulumi.Resource) -> InvoiceTables:
    """Create the tables. None of them expires items."""
    return InvoiceTables(
        invoices=make_table(f"{name}-table", ("userId", "id"), parent, indexes=INDEXES, protect=protect),
        ledger=make_table(
            f"{name}-ledger",
            ("userId", "sequence"),
            parent,
            indexes=[OF_INVOICE],
            numbers=["sequence"],
            stream=True,
            protect=protect,
        ),
        heads=make_table(f"{name}-heads", ("userId",), parent, protect=protect),
        payments=make_table(f"{name}-payments", ("id",), parent, protect=protect),
    )
