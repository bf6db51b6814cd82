"""The use cases for the menu, on the simulated table."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lambdas.cafe import menu as module
from lambdas.cafe.menu import Menus
from lambdas.cafe.models import MenuItemBody, Option
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import ANN, NOON, SAM

TEA = MenuItemBody(type="tea", price=290)


class Told(list):
    """The revisions that were published."""


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def menus(cafe_table, told, clock):
    return Menus(cafe_table, "EUR", 7.5, told.append, clock)


def refused(function, *arguments):
    with pytest.raises(Refusal) as refusal:
        function(*arguments)
    return refusal.value.reason


def test_an_empty_menu_has_a_currency_and_a_tax(menus):
    menu, revision = menus.read()

    assert (menu.currency, menu.tax_percent, menu.items) == ("EUR", 7.5, [])
    assert revision == menus.read()[1]


def test_items_stay_in_the_order_in_which_they_came(menus):
    for name in ("Zebra", "Apple", "Mint tea"):
        menus.put(SAM, name, TEA)
    menus.put(SAM, "Zebra", MenuItemBody(price=1))

    assert [item.name for item in menus.read()[0].items] == ["Zebra", "Apple", "Mint tea"]


def test_an_item_is_added_and_then_replaced(menus):
    item, is_new = menus.put(SAM, "Tea", TEA)
    again, is_new_again = menus.put(
        SAM, "Tea", MenuItemBody(price=5, sold_out=True, options=[Option("Large", "size", 1)])
    )

    assert (is_new, is_new_again) == (True, False)
    assert item.revision != again.revision
    [stored] = menus.read()[0].items
    assert (stored.type, stored.price, stored.sold_out, [it.name for it in stored.options]) == ("", 5, True, ["Large"])


def test_the_revision_changes_with_the_content_only(menus):
    menus.put(SAM, "Tea", TEA)
    before = menus.read()[1]
    menus.put(SAM, "Tea", TEA)
    same = menus.read()[1]
    menus.put(SAM, "Tea", MenuItemBody(type="tea", price=290, sold_out=True))

    assert before == same != menus.read()[1]


def test_every_change_is_published_with_the_new_revision(menus, told):
    menus.put(SAM, "Tea", TEA)
    assert told == [menus.read()[1]]
    menus.delete(SAM, "Tea")
    assert told[1:] == [menus.read()[1]]


def test_deleting_what_is_not_there_is_missing(menus, told):
    assert refused(menus.delete, SAM, "Tea") == "missing"
    assert told == []


def test_only_staff_change_the_menu(menus):
    assert refused(menus.put, ANN, "Tea", TEA) == "forbidden"
    assert refused(menus.delete, ANN, "Tea") == "forbidden"
    assert menus.read()[0].items == []


def test_a_change_can_depend_on_the_items_or_the_menus_revision(menus):
    item, _ = menus.put(SAM, "Tea", TEA)
    menus.put(SAM, "Milk", TEA)

    changed, _ = menus.put(SAM, "Tea", MenuItemBody(price=1), {item.revision, "other"})
    assert refused(menus.put, SAM, "Tea", TEA, {item.revision}) == "changed"
    assert refused(menus.delete, SAM, "Tea", {item.revision}) == "changed"
    menus.put(SAM, "Tea", MenuItemBody(price=2), {menus.read()[1]})
    assert refused(menus.delete, SAM, "Tea", {changed.revision}) == "changed"
    menus.delete(SAM, "Tea", {menus.read()[1]})
    assert refused(menus.put, SAM, "New", TEA, set()) == "changed"


def test_the_menu_is_bounded(menus, monkeypatch):
    monkeypatch.setattr(module, "MAX_ITEMS", 2)
    menus.put(SAM, "One", TEA)
    menus.put(SAM, "Two", TEA)

    assert refused(menus.put, SAM, "Three", TEA) == "conflict"
    assert menus.put(SAM, "Two", TEA)[1] is False


def test_concurrent_changes_of_one_item_all_take_effect_in_some_order(cafe_table, clock):
    bodies = [MenuItemBody(price=price) for price in range(4)]

    with ThreadPoolExecutor(4) as staff:
        changed = list(staff.map(lambda body: Menus(cafe_table, "EUR", 0, now=clock).put(SAM, "Tea", body), bodies))

    [stored] = cafe_table.menu()
    assert [is_new for _, is_new in changed].count(True) == 1
    assert stored in [item for item, _ in changed]
    assert stored.position >= NOON


def test_an_item_that_keeps_changing_is_given_up(menus, cafe_table, monkeypatch):
    menus.put(SAM, "Tea", TEA)
    monkeypatch.setattr(cafe_table, "put", lambda item, revision: False)
    monkeypatch.setattr(cafe_table, "delete", lambda name, revision: False)

    assert refused(menus.put, SAM, "Tea", TEA) == "unavailable"
    assert refused(menus.delete, SAM, "Tea") == "unavailable"
