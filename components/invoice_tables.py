"""The tables of the invoices: what they are, their ledger, where its chains end, and what was paid."""

from collections.abc import Sequence
from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from lambdas.invoices.keys import INDEXES, OF_INVOICE, Index


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
    """Make the tables. None forgets anything by itself; with `protect` they are kept from being deleted."""

    def table(role: str, *keys: str, indexes: Sequence[Index] = ()) -> aws.dynamodb.Table:
        used = {*keys, *(key for index in indexes for key in (index.partition_key, index.sort_key) if key)}
        return aws.dynamodb.Table(
            f"{name}-{role}",
            billing_mode="PAY_PER_REQUEST",
            hash_key=keys[0],
            range_key=keys[1] if keys[1:] else None,
            attributes=[{"name": key, "type": "N" if key == "sequence" else "S"} for key in sorted(used)],
            global_secondary_indexes=[
                {
                    "name": index.name,
                    "hash_key": index.partition_key,
                    "range_key": index.sort_key,
                    "projection_type": index.projection,
                }
                for index in indexes
            ],
            point_in_time_recovery={"enabled": True},
            deletion_protection_enabled=protect,
            opts=pulumi.ResourceOptions(parent=parent, protect=protect),
        )

    return InvoiceTables(
        invoices=table("table", "userId", "id", indexes=INDEXES),
        ledger=table("ledger", "userId", "sequence", indexes=[OF_INVOICE]),
        heads=table("heads", "userId"),
        charges=table("charges", "id"),
    )
