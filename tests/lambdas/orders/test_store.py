"""Behavior that the fake store and the DynamoDB store share."""

import msgspec
import pytest

from lambdas.orders.keys import position
from lambdas.orders.lifecycle import OPEN_MS
from lambdas.orders.models import Item, Status
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import EVERY_MOVE, NOON, an_order, orders_of
from tests.lambdas.fakes import FakeStore


@pytest.fixture(params=["fake", "table"])
def store(request):
    return FakeStore() if request.param == "fake" else request.getfixturevalue("table")


def pages(store, *arguments, limit):
    """All pages of a list."""
    after = None
    while True:
        page = store.page(*arguments, limit, after)
        yield page
        if page.next is None:
            return
        after = page.next


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(an_order(), id="a plain order"),
        pytest.param(an_order(restaurant_id="r1", staff="sam", filled_at=NOON), id="every field"),
        pytest.param(an_order(restaurant_id=2**53 - 1), id="a large restaurant number"),
        pytest.param(an_order(restaurant_id=0), id="restaurant 0"),
        pytest.param(an_order("x" * 64, "\u6292\u8336" * 64), id="long names"),
        pytest.param(an_order(items=[Item("\U0001f950 & <b>", 99, "")] * 50), id="many items"),
    ],
)
def test_an_order_is_stored_unchanged(store, order):
    assert store.insert(order) is None
    assert store.get(order.customer, order.id) == order


def test_get_returns_none_for_a_missing_order(store):
    store.insert(an_order("7", "ann"))

    assert store.get("ann", "8") is None
    assert store.get("bob", "7") is None


def test_a_second_insert_returns_the_stored_order(store):
    first, second = an_order("7"), an_order("7", items=[Item("Muffin", 2)])
    store.insert(first)

    assert store.insert(second) == first
    assert store.get("ann", "7") == first


def reason(call, *arguments):
    with pytest.raises(Refusal) as refused:
        call(*arguments)
    return refused.value.reason


@pytest.mark.parametrize("status", [Status.CREATED, Status.ACCEPTED, Status.READY])
def test_a_customer_has_a_limited_number_of_open_orders(store, status):
    for number in range(3):
        store.insert(an_order(f"{number}"), 3)
        if status is not Status.CREATED:
            store.update("ann", f"{number}", {"status": status}, set(Status))

    assert reason(store.insert, an_order("3"), 3) == "throttled"
    assert store.get("ann", "3") is None
    assert store.insert(an_order("3", "bob"), 3) is None
    assert store.insert(an_order("3"), 0) is None


def test_a_repeated_order_above_the_limit_is_returned(store):
    """It is stored already, whatever has changed since."""
    first = an_order("0")
    for number in range(3):
        store.insert(an_order(f"{number}"), 3)

    assert store.insert(first, 3) == first


@pytest.mark.parametrize("end", ["filled", "cancelled", "deleted", "old"])
def test_an_order_that_is_not_open_makes_room(store, end):
    later = NOON + OPEN_MS if end == "old" else NOON
    store.insert(an_order("0"), 2)
    store.insert(an_order("1", created_at=later), 2)
    match end:
        case "filled" | "cancelled":
            store.update("ann", "0", {"status": Status(end)}, set(Status))
        case "deleted":
            store.delete("ann", "0")

    assert store.insert(an_order("2", created_at=later), 2) is None
    assert reason(store.insert, an_order("3", created_at=later), 2) == "throttled"


def test_too_many_open_orders_are_a_problem_of_their_own(store):
    store.insert(an_order("0"), 1)

    with pytest.raises(Refusal, match="You have 1 open orders") as refused:
        store.insert(an_order("1"), 1)

    assert refused.value.extra["type"].endswith("too-many-open")
    assert [error["field"] for error in refused.value.errors] == ["customer"]
    assert refused.value.retry_after > 1


@pytest.mark.parametrize("when", [{Status.READY}, {Status.CREATED, Status.READY}])
def test_a_delete_can_depend_on_the_status(store, when):
    store.insert(an_order("7", status=Status.ACCEPTED))

    assert reason(lambda: store.delete("ann", "7", when=when)) == "conflict"
    assert store.delete("ann", "7", when={Status.ACCEPTED}) is True


def test_two_customers_can_use_the_same_order_id(store):
    anns, bobs = an_order("7", "ann"), an_order("7", "bob")

    assert [store.insert(order) for order in (anns, bobs)] == [None, None]
    assert [store.get(customer, "7") for customer in ("ann", "bob")] == [anns, bobs]


def test_an_update_sets_only_the_given_fields(store):
    order = an_order("7", restaurant_id="r1")
    store.insert(order)

    changed = store.update("ann", "7", {"status": Status.ACCEPTED, "staff": "sam", "_updatedAt": 5}, {Status.CREATED})

    assert changed == msgspec.structs.replace(order, status=Status.ACCEPTED, staff="sam", updated_at=5)
    assert store.get("ann", "7") == changed


def test_an_update_can_replace_the_items(store):
    store.insert(an_order("7"))

    changed = store.update("ann", "7", {"items": [Item("Muffin", 2, "sweet")], "restaurantId": 9}, {Status.CREATED})

    assert (changed.items, changed.restaurant_id) == ([Item("Muffin", 2, "sweet")], 9)


@pytest.mark.parametrize(("present", "when"), EVERY_MOVE)
def test_an_update_requires_an_expected_status(store, present, when):
    order = an_order("7", status=present)
    store.insert(order)

    if present is when:
        assert store.update("ann", "7", {"_updatedAt": 5}, {when}).updated_at == 5
        return
    with pytest.raises(Refusal) as refused:
        store.update("ann", "7", {"_updatedAt": 5}, {when})
    assert refused.value.reason == "conflict"
    assert store.get("ann", "7") == order


def test_a_move_that_no_status_allows_is_a_conflict(store):
    store.insert(an_order("7", status=Status.ACCEPTED))

    with pytest.raises(Refusal) as refused:
        store.update("ann", "7", {"status": Status.CREATED}, frozenset())

    assert refused.value.reason == "conflict"
    assert store.get("ann", "7").status is Status.ACCEPTED


@pytest.mark.parametrize("when", [set(Status), {Status.CREATED}, set()], ids=["any", "created", "none"])
def test_an_update_of_a_missing_order_creates_none(store, when):
    with pytest.raises(Refusal) as refused:
        store.update("ann", "7", {"status": Status.READY}, when)

    assert refused.value.reason == "missing"
    assert store.get("ann", "7") is None


def test_a_second_delete_returns_false(store):
    store.insert(an_order("7"))

    assert [store.delete("ann", "7"), store.delete("ann", "7")] == [True, False]
    assert store.get("ann", "7") is None


def test_an_empty_page_is_the_last(store):
    assert store.page("ann", None, 10, None) == ([], None)
    assert store.page(None, Status.CREATED, 10, None) == ([], None)


@pytest.mark.parametrize("customer", ["ann", None], ids=["one customer's", "everyone's"])
def test_a_page_is_newest_first(store, customer):
    oldest_first = orders_of(6)
    for order in (oldest_first[n] for n in (3, 0, 5, 1, 4, 2)):
        store.insert(order)

    assert store.page(customer, None, 10, None).items == oldest_first[::-1]


@pytest.mark.parametrize("customer", ["ann", None], ids=["one customer's", "everyone's"])
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, 8, 100])
def test_pages_of_any_size_contain_every_order_once(store, customer, limit):
    oldest_first = orders_of(7)
    for order in oldest_first:
        store.insert(order)

    found = list(pages(store, customer, None, limit=limit))

    assert all(len(page.items) == limit for page in found[:-1])
    assert [order for page in found for order in page.items] == oldest_first[::-1]
    assert len(found) == -(-7 // limit)


def test_a_customers_page_contains_only_their_orders(store):
    anns, bobs = orders_of(3, "ann"), orders_of(3, "bob")
    for order in anns + bobs:
        store.insert(order)

    assert store.page("ann", None, 10, None).items == anns[::-1]
    assert store.page("ann#created", None, 10, None).items == []


def test_everyones_page_contains_all_orders_by_time(store):
    anns, bobs = orders_of(4, "ann"), orders_of(4, "bob", start=NOON + 500)
    for order in anns + bobs:
        store.insert(order)

    found = store.page(None, None, 10, None).items

    assert found == sorted(anns + bobs, key=position, reverse=True)
    assert [order.customer for order in found] == ["bob", "ann"] * 4


@pytest.mark.parametrize("customer", ["ann", None], ids=["one customer's", "everyone's"])
@pytest.mark.parametrize("status", Status)
def test_a_page_in_one_status_follows_the_moves(store, customer, status):
    moved, _, stays = orders_of(3)
    for order in orders_of(3):
        store.insert(order)
    store.update("ann", moved.id, {"status": status}, {Status.CREATED})
    store.delete("ann", "ann-002")

    found = [order.id for order in store.page(customer, status, 10, None).items]

    assert found == ([stays.id, moved.id] if status is Status.CREATED else [moved.id])


def test_orders_of_the_same_time_are_listed_once(store):
    orders = [an_order(f"order-{n}", customer) for n in range(4) for customer in ("ann", "bob")]
    for order in orders:
        store.insert(order)

    found = [order for page in pages(store, None, None, limit=3) for order in page.items]

    assert sorted(found, key=position) == sorted(orders, key=position)


@pytest.mark.parametrize("customer", ["ann", None], ids=["one customer's", "everyone's"])
@pytest.mark.parametrize("status", [None, Status.CREATED], ids=["any status", "one status"])
def test_concurrent_inserts_and_deletes_do_not_affect_paging(store, customer, status):
    orders = orders_of(9)
    for order in orders:
        store.insert(order)
    seen = []

    for n, page in enumerate(pages(store, customer, status, limit=2)):
        seen += page.items
        store.insert(an_order(f"newer-{n}", created_at=NOON + 60_000 + n))
        # The order after which the next page starts.
        store.delete("ann", page.items[-1].id)

    assert seen == orders[::-1]
