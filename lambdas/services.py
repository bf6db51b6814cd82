"""The services that handlers call, made once in a process and only when a call needs them.

The functions' environment names what they stand on; it is read here, and not before it is needed.
"""

import os
from functools import cache

from lambdas.identity.sign_in import SignIn
from lambdas.messaging import Messenger
from lambdas.orders.service import Orders
from lambdas.orders.table import OrdersTable


@cache
def orders() -> Orders:
    """The orders in the table `ORDERS_TABLE`, kept for `ORDER_RETENTION_DAYS`."""
    return Orders(OrdersTable(os.environ["ORDERS_TABLE"]), int(os.environ["ORDER_RETENTION_DAYS"]))


@cache
def messenger() -> Messenger:
    """The way to the queue `ORDERS_QUEUE_URL` and the topic `USER_NOTIFICATION_TOPIC_ARN`."""
    return Messenger(os.environ["ORDERS_QUEUE_URL"], os.environ["USER_NOTIFICATION_TOPIC_ARN"])


@cache
def sign_in() -> SignIn:
    """Sign-in to the user pool by its app client `USER_POOL_CLIENT_ID`."""
    return SignIn(os.environ["USER_POOL_CLIENT_ID"])
