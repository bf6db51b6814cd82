"""The use cases for the menu, one method each."""

import hashlib
import secrets
from collections.abc import Callable, Collection
from typing import Protocol

import msgspec
from msgspec import structs

from lambdas.cafe.models import MAX_ITEMS, Menu, MenuItem, MenuItemBody, StoredItem
from lambdas.runtime.caller import Caller
from lambdas.runtime.errors import FieldError, Refusal
from lambdas.runtime.ids import now_ms

ATTEMPTS = 10
"""The maximum number of attempts to change an item under concurrent changes."""


class Store(Protocol):
    """The port to the stored menu."""

    def menu(self) -> list[StoredItem]:
        """The items, in the menu's order."""

    def put(self, item: StoredItem, revision: str | None) -> bool:
        """Store an item if the stored one has this revision; with `None`, if there is none. Return whether it did."""

    def delete(self, name: str, revision: str) -> bool:
        """Delete an item if it has this revision. Return whether it did."""


class Menus:
    """The menu's use cases. Prices are in `currency` and include `tax_percent` of tax. `publish` tells the live updates
    the new entity tag after a change."""

    def __init__(
        self,
        store: Store,
        currency: str,
        tax_percent: int | float,
        publish: Callable[[str], None] = lambda revision: None,
        now: Callable[[], int] = now_ms,
    ) -> None:
        self._store = store
        self._currency = currency
        self._tax_percent = tax_percent
        self._publish = publish
        self._now = now

    def read(self) -> tuple[Menu, str]:
        """The menu and its revision, which is the same for the same content."""
        return self._menu(self._store.menu())

    def put(
        self, caller: Caller, name: str, body: MenuItemBody, match: Collection[str] | None = None
    ) -> tuple[StoredItem, bool]:
        """Add or replace an item. Return it and whether it is new.

        `match` has revisions of the item or of the whole menu. Raises `Refusal`: `changed` if none of them is the
        present one.
        """
        check_staff(caller)
        for _ in range(ATTEMPTS):
            items = self._store.menu()
            stored = self._checked(items, name, match)
            if stored is None and len(items) >= MAX_ITEMS:
                raise Refusal("conflict", f"The menu has {MAX_ITEMS} items already. Delete one first.")
            item = StoredItem(
                name=name,
                position=stored.position if stored else max([self._now(), *(it.position + 1 for it in items)]),
                revision=secrets.token_hex(8),
                **structs.asdict(body),
            )
            if self._store.put(item, stored.revision if stored else None):
                self._publish(self.read()[1])
                return item, stored is None
        raise _busy(name)

    def delete(self, caller: Caller, name: str, match: Collection[str] | None = None) -> None:
        """Delete an item. Raises `Refusal`: `missing` if there is none, `changed` as `put` does."""
        check_staff(caller)
        for _ in range(ATTEMPTS):
            stored = self._checked(self._store.menu(), name, match)
            if stored is None:
                raise Refusal("missing", f"`{name}` is not on the menu.")
            if self._store.delete(name, stored.revision):
                self._publish(self.read()[1])
                return
        raise _busy(name)

    def _checked(self, items: list[StoredItem], name: str, match: Collection[str] | None) -> StoredItem | None:
        """The item with this name, if it or the menu has a revision in `match`."""
        stored = next((item for item in items if item.name == name), None)
        if match is not None and not {self._menu(items)[1], stored and stored.revision} & set(match):
            raise Refusal("changed", f"`{name}` has changed; fetch the menu again.")
        return stored

    def _menu(self, items: list[StoredItem]) -> tuple[Menu, str]:
        menu = Menu(self._currency, self._tax_percent, [public(item) for item in items])
        return menu, hashlib.sha256(msgspec.json.encode(menu)).hexdigest()[:32]


def public(item: StoredItem) -> MenuItem:
    """An item as clients see it."""
    return MenuItem(**{name: getattr(item, name) for name in MenuItem.__struct_fields__})


def check_staff(caller: Caller) -> None:
    """Refuse unless the caller is staff. API Gateway already does; this is defense in depth."""
    if not caller.is_staff:
        raise Refusal("forbidden", "Only staff may change this.")


def _busy(name: str) -> Refusal:
    return Refusal("unavailable", f"`{name}` keeps changing. Try again.", errors=[FieldError("name", "Keeps changing")])
