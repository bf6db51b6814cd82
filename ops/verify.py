"""Verifies that the invoice ledger is unchanged since it was written."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from lambdas.invoices.currencies import format_amount
from lambdas.invoices.ledger import BrokenEntry, Entry, Head, balances, find_mismatch, verify
from lambdas.invoices.models import StoredInvoice
from lambdas.invoices.table import InvoicesTable, Names
from local.errors import UserError
from ops.ledger_copy import LedgerCopy, compare
from ops.stack import Stack

READINGS = 5
"""How often to read a chain that grows during the read; entries added during the last attempt are left out."""


class Chain(NamedTuple):
    """A payee's readable entries, where they should end, and the first unreadable entry."""

    entries: list[Entry]
    head: Head
    unreadable: BrokenEntry | None


def verify_ledger(stack: Stack, user: str | None) -> bool:
    """Print for one payee, or for all, whether the chain is valid, and its totals. Returns whether all are valid.

    Raises `UserError` if the stack has no ledger, and boto3's errors.
    """
    outputs = ("invoicesTableName", "ledgerTableName", "ledgerHeadsTableName")
    names = Names(*(stack.output(name) for name in outputs))
    table = InvoicesTable(names, stack.client("dynamodb"))
    # Older stacks have none.
    bucket = stack.outputs.get("ledgerAnchorBucketName")
    copy = LedgerCopy(bucket, stack.client("s3")) if bucket else None
    found = [report(table, copy, each) for each in ([user] if user else payees(stack, names, copy))]
    if not found:
        print("the ledger is empty")
    return all(found)


def payees(stack: Stack, names: Names, copy: LedgerCopy | None) -> list[str]:
    """All payees in the ledger, its heads and its copy, so that a payee whose entries were deleted is included."""
    pages = stack.client("dynamodb").get_paginator("scan")
    return sorted(
        (set(copy.users()) if copy else set())
        | {
            item["userId"]["S"]
            for table in (names.ledger, names.heads)
            for page in pages.paginate(TableName=table, ProjectionExpression="userId", ConsistentRead=True)
            for item in page["Items"]
        }
    )


def report(table: InvoicesTable, copy: LedgerCopy | None, user: str) -> bool:
    """Print a payee's result. Returns whether the chain is valid."""
    # Read the copies and the invoices first: a chain that is read later must contain what they state.
    copied = copy.hashes(user) if copy else {}
    invoices = list(all_invoices(table, user))
    chain = read(table, user)
    misfit = verify(chain.entries, chain.head)
    if chain.unreadable and (misfit is None or chain.unreadable.sequence <= misfit.sequence):
        misfit = chain.unreadable
    misfit = misfit or compare(chain.entries, copied) or find_mismatch(chain.entries, invoices)
    if misfit is not None:
        print(f"{user}: entry {misfit.sequence} is invalid: {misfit.reason}")
        return False
    totals = sorted(balances(chain.entries).items())
    # More was paid or voided than was ever sent: entries were made up, in a chain that fits.
    if negative := [currency for currency, balance in totals if min(balance) < 0]:
        print(f"{user}: the balance in {', '.join(negative)} is negative")
        return False
    sums = [
        f"{format_amount(balance.owed, currency)} owed, {format_amount(balance.received, currency)} received"
        for currency, balance in totals
    ]
    print("; ".join([f"{user}: {len(chain.entries)} entries valid", *sums]))
    return True


def all_invoices(table: InvoicesTable, user: str) -> Iterator[StoredInvoice]:
    """All invoices of a payee. Raises `UserError` if one cannot be read."""
    after: str | None = None
    while True:
        try:
            page = table.page(user, None, 100, after)
        except (msgspec.ValidationError, ValueError) as error:
            raise UserError(f"{user}: an invoice cannot be read: {error}") from error
        yield from page.items
        if page.next is None:
            return
        after = page.next


def read(table: InvoicesTable, user: str) -> Chain:
    """A consistent snapshot of a payee's chain."""
    for _ in range(READINGS):
        head = table.head(user)
        entries, unreadable = entries_of(table, user)
        chain = Chain(entries, head, unreadable)
        if table.head(user) == head:
            return chain
    return chain._replace(entries=chain.entries[: head.sequence])


def entries_of(table: InvoicesTable, user: str) -> tuple[list[Entry], BrokenEntry | None]:
    """A payee's entries, up to the first that cannot be read."""
    entries: list[Entry] = []
    chain = table.chain(user)
    while True:
        try:
            entry = next(chain, None)
        except (msgspec.ValidationError, ValueError) as error:
            return entries, BrokenEntry(len(entries) + 1, f"it cannot be read: {error}")
        if entry is None:
            return entries, None
        entries.append(entry)
