"""The services that handlers call, made once in a process and only when a call needs them.

The functions' environment names what they stand on; it is read here, and not before it is needed. So are the adapters
imported: a function loads what it calls, and nothing of what others call.
"""

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.identity.sign_in import SignIn
    from lambdas.messaging import Notifications, OrdersQueue
    from lambdas.orders.service import Orders
    from lambdas.orders.workflow import Workflow
    from lambdas.state_machine import StateMachine


@cache
def orders() -> "Orders":
    """The orders in the table `ORDERS_TABLE`, kept for `ORDER_RETENTION_DAYS`."""
    from lambdas.orders.service import Orders
    from lambdas.orders.table import OrdersTable

    return Orders(OrdersTable(os.environ["ORDERS_TABLE"]), int(os.environ["ORDER_RETENTION_DAYS"]))


@cache
def orders_queue() -> "OrdersQueue":
    """The kitchen's queue `ORDERS_QUEUE_URL`."""
    from lambdas.messaging import OrdersQueue

    return OrdersQueue(os.environ["ORDERS_QUEUE_URL"])


@cache
def notifications() -> "Notifications":
    """The topic `USER_NOTIFICATION_TOPIC_ARN`, and the table `NOTIFICATIONS_TABLE` of what was sent there."""
    from lambdas.messaging import Notifications

    return Notifications(os.environ["USER_NOTIFICATION_TOPIC_ARN"], os.environ["NOTIFICATIONS_TABLE"])


@cache
def sign_in() -> "SignIn":
    """Sign-in to the user pool by its app client `USER_POOL_CLIENT_ID`."""
    from lambdas.identity.sign_in import SignIn

    return SignIn(os.environ["USER_POOL_CLIENT_ID"])


@cache
def workflow() -> "Workflow":
    """The order workflow's steps, with payments in the table `PAYMENTS_TABLE`, answered as `PAYMENT_ANSWER` says."""
    from lambdas.orders.workflow import Workflow
    from lambdas.payments.provider import Answer, PaymentProvider

    return Workflow(orders(), PaymentProvider(os.environ["PAYMENTS_TABLE"], Answer(os.environ["PAYMENT_ANSWER"])))


@cache
def state_machine() -> "StateMachine":
    """The order workflow's state machine `STATE_MACHINE_ARN`."""
    from lambdas.state_machine import StateMachine

    return StateMachine(os.environ["STATE_MACHINE_ARN"])
