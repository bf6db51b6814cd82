"""The use cases with the order workflow, and with a limit of open orders."""

import pytest

from lambdas.cafe.offer import Offer
from lambdas.orders.models import Item, Move, NewOrder, Status
from lambdas.orders.pricing import Pricing
from lambdas.orders.service import Orders
from tests.lambdas.builders import ANN, ANN_WITH_DELETE, BOB, RETENTION_DAYS, SAM, SAM_WITH_DELETE, an_order

FREE = Pricing(lambda: Offer([]), "EUR", menu_only=False)
"""Everything can be ordered, at no price."""

ESPRESSO = [Item("Espresso", 1, price=0)]


def put(store, *orders):
    for order in orders:
        store.insert(order)


class TestWithWorkflow:
    """Staff cannot take an order away from the workflow, which would not be paid for then."""

    @pytest.fixture
    def orders(self, store, clock):
        return Orders(store, RETENTION_DAYS, clock, has_workflow=True, pricing=FREE)

    def test_staff_cannot_accept_an_order(self, orders, store, refused):
        put(store, an_order("7"))

        assert refused(orders.move, SAM, "ann", "7", Move(Status.ACCEPTED)) == "conflict"
        assert [order.status for order in store.all()] == [Status.CREATED]

    @pytest.mark.parametrize("caller", [ANN_WITH_DELETE, SAM_WITH_DELETE], ids=["own", "staff"])
    def test_an_accepted_order_is_cancelled_and_refunded_before_it_is_deleted(self, orders, store, refused, caller):
        put(store, an_order("7", status=Status.ACCEPTED))

        assert refused(orders.delete, caller, "ann", "7") == "conflict"
        orders.move(caller, "ann", "7", Move(Status.CANCELLED))
        orders.delete(caller, "ann", "7")
        assert store.all() == []

    @pytest.mark.parametrize(("before", "after"), [(Status.ACCEPTED, Status.READY), (Status.CREATED, Status.CANCELLED)])
    def test_other_moves_stay(self, orders, store, before, after):
        put(store, an_order("7", status=before))

        assert orders.move(SAM, "ann", "7", Move(after)).status is after


class TestOpenOrders:
    @pytest.fixture
    def orders(self, store, clock):
        return Orders(store, RETENTION_DAYS, clock, open_orders=2, pricing=FREE)

    def test_are_limited_for_customers_only(self, orders, refused):
        for _ in range(2):
            orders.create(ANN, NewOrder(items=ESPRESSO))

        assert refused(orders.create, ANN, NewOrder(items=ESPRESSO)) == "throttled"
        assert orders.create(SAM, NewOrder(items=ESPRESSO, customer="ann"))[1] is True
        assert orders.create(BOB, NewOrder(items=ESPRESSO))[1] is True
