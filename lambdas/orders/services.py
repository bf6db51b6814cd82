"""The services that the order handlers call: created once per process on first use, from environment variables."""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lambdas.orders.notifications import Notifications
    from lambdas.orders.orders_queue import OrdersQueue
    from lambdas.orders.progress import Progress
    from lambdas.orders.service import Orders
    from lambdas.orders.state_machine import StateMachine
    from lambdas.orders.table import OrdersTable
    from lambdas.orders.workflow import Workflow


@cache
def orders_table() -> "OrdersTable":
    """The table `ORDERS_TABLE`."""
    from lambdas.orders.table import OrdersTable

    return OrdersTable(os.environ["ORDERS_TABLE"])


@cache
def orders() -> "Orders":
    """The orders in the table `ORDERS_TABLE`, kept for `ORDER_RETENTION_DAYS` days, at most `OPEN_ORDERS` open ones for
    each customer. `ORDER_WORKFLOW` is `true` if the order workflow accepts them."""
    return _orders()


@cache
def priced_orders() -> "Orders":
    """The orders, with numbers and the menu from `CAFE_TABLE`, and prices in `CURRENCY`. `MENU_ONLY` is `true` if
    nothing else can be ordered."""
    from lambdas.cafe.services import cafe_table, numbers, opening
    from lambdas.orders.pricing import Pricing

    menu_only = os.environ["MENU_ONLY"] == "true"
    pricing = Pricing(cafe_table().offer, os.environ["CURRENCY"], menu_only=menu_only, opening=opening())
    return _orders(pricing=pricing, numbers=numbers(), refused=cafe_table().count_refused)


@cache
def progress() -> "Progress":
    """Tracks the numbers and durations of orders in `CAFE_TABLE`."""
    from lambdas.cafe.services import cafe_table, numbers
    from lambdas.orders.progress import Progress

    return Progress(numbers(), cafe_table())


def _orders(**more: Any) -> "Orders":
    from lambdas.orders.service import Orders

    return Orders(
        orders_table(),
        int(os.environ["ORDER_RETENTION_DAYS"]),
        open_orders=int(os.environ["OPEN_ORDERS"]),
        has_workflow=os.environ["ORDER_WORKFLOW"] == "true",
        **more,
    )


@cache
def orders_queue() -> "OrdersQueue":
    """The orders queue `ORDERS_QUEUE_URL`."""
    from lambdas.orders.orders_queue import OrdersQueue

    return OrdersQueue(os.environ["ORDERS_QUEUE_URL"])


@cache
def notifications() -> "Notifications":
    """The topic `USER_NOTIFICATION_TOPIC_ARN`, and the table `NOTIFICATIONS_TABLE` of sent notifications."""
    from lambdas.orders.notifications import Notifications

    return Notifications(os.environ["USER_NOTIFICATION_TOPIC_ARN"], os.environ["NOTIFICATIONS_TABLE"])


@cache
def workflow() -> "Workflow":
    """The order workflow's steps, with the payment provider."""
    from lambdas.orders.workflow import Workflow
    from lambdas.payments.services import payments

    return Workflow(orders(), payments())


@cache
def state_machine() -> "StateMachine":
    """The order workflow's state machine `STATE_MACHINE_ARN`."""
    from lambdas.orders.state_machine import StateMachine

    return StateMachine(os.environ["STATE_MACHINE_ARN"])
