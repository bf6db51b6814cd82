"""The services that the order handlers call: created once per process on first use, from environment variables."""

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.orders.notifications import Notifications
    from lambdas.orders.orders_queue import OrdersQueue
    from lambdas.orders.service import Orders
    from lambdas.orders.state_machine import StateMachine
    from lambdas.orders.workflow import Workflow
    from lambdas.runtime.event_api import EventApi


@cache
def orders() -> "Orders":
    """The orders in the table `ORDERS_TABLE`, kept for `ORDER_RETENTION_DAYS` days, at most `OPEN_ORDERS` open ones for
    each customer. `ORDER_WORKFLOW` is `true` if the order workflow accepts them."""
    from lambdas.orders.service import Orders
    from lambdas.orders.table import OrdersTable

    return Orders(
        OrdersTable(os.environ["ORDERS_TABLE"]),
        int(os.environ["ORDER_RETENTION_DAYS"]),
        open_orders=int(os.environ["OPEN_ORDERS"]),
        has_workflow=os.environ["ORDER_WORKFLOW"] == "true",
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
def event_api() -> "EventApi | None":
    """The event API with the host name `LIVE_HOST` at `LIVE_URL`, or `None` for a stack without live updates."""
    if "LIVE_HOST" not in os.environ:
        return None
    from lambdas.runtime.event_api import EventApi

    return EventApi(os.environ["LIVE_HOST"], os.environ["LIVE_URL"])


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
