"""The copy of the invoice ledger: what `python -m ops verify` compares the ledger with."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from lambdas.invoices.anchor import prefix_of
from lambdas.invoices.ledger import BrokenEntry, Entry

KEY = re.compile(r".*/(?P<sequence>[0-9]{12})-(?P<hash>[0-9a-f]{64})")


class LedgerCopy:
    """The bucket that `lambdas.invoices.anchor` writes to."""

    def __init__(self, bucket: str, client: Any) -> None:
        self._bucket = bucket
        self._pages = client.get_paginator("list_objects_v2")

    def users(self) -> list[str]:
        """All payees who have copies."""
        pages = self._pages.paginate(Bucket=self._bucket, Delimiter="/")
        return [unquote(each["Prefix"].removesuffix("/")) for page in pages for each in page.get("CommonPrefixes", [])]

    def hashes(self, user: str) -> dict[int, set[str]]:
        """The hashes of a payee's entries, by number. More than one for a number that was overwritten."""
        found: defaultdict[int, set[str]] = defaultdict(set)
        for page in self._pages.paginate(Bucket=self._bucket, Prefix=prefix_of(user)):
            for item in page.get("Contents", []):
                if match := KEY.fullmatch(item["Key"]):
                    found[int(match["sequence"])].add(match["hash"])
        return dict(found)


def compare(entries: Sequence[Entry], copied: dict[int, set[str]]) -> BrokenEntry | None:
    """The first entry that differs from its copy, or `None`. `entries` is a payee's whole chain.

    The first entries have no copy if they are older than the bucket, and the last ones may not have one yet.
    """
    chain = {entry.sequence: entry.hash for entry in entries}
    if not copied:
        return None
    for number in range(min(copied), max(copied) + 1):
        copies = copied.get(number, set())
        if number not in chain:
            return BrokenEntry(number, "it is missing, but its copy is not")
        if not copies:
            return BrokenEntry(number, "it has no copy")
        if copies != {chain[number]}:
            return BrokenEntry(number, "its copy has another hash")
    return None
