"""The services that handlers call, made once in a process and only when a call needs them.

The functions' environment names what they stand on; it is read here, and not before it is needed. So are the adapters
imported: a function loads what it calls, and nothing of what others call.
"""

import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.identity.sign_in import SignIn
    from lambdas.invoices.mail import Mail
    from lambdas.invoices.paying import Paying, Withdrawing
    from lambdas.invoices.sending import Sending
    from lambdas.invoices.service import Invoices
    from lambdas.invoices.table import InvoicesTable
    from lambdas.invoices.writing import Writer
    from lambdas.notifications import Notifications
    from lambdas.orders.service import Orders
    from lambdas.orders.workflow import Workflow
    from lambdas.orders_queue import OrdersQueue
    from lambdas.payments.provider import PaymentProvider
    from lambdas.photos.bucket import PhotosBucket
    from lambdas.photos.filing import Filing
    from lambdas.photos.quota import Quota
    from lambdas.photos.service import Photos
    from lambdas.photos.table import PhotosTable
    from lambdas.state_machine import StateMachine

AHEAD = frozenset({"snap-start", "provisioned-concurrency"})
"""The kinds of start that Lambda makes before there is a call (`AWS_LAMBDA_INITIALIZATION_TYPE`; Lambda developer
guide, "Defined runtime environment variables")."""


def make_ahead(*services: Callable[[], object]) -> None:
    """Make services at once where a function is started before there is a call, so that no call waits for them.

    Everywhere else they are made by the first call that needs them. That Lambda takes a snapshot once a function has
    been imported needs no hook of its runtime: what is made by then is in it. Clients have no connection yet, and renew
    credentials that have expired.
    """
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") in AHEAD:
        for service in services:
            service()


@cache
def orders() -> "Orders":
    """The orders in the table `ORDERS_TABLE`, kept for `ORDER_RETENTION_DAYS`."""
    from lambdas.orders.service import Orders
    from lambdas.orders.table import OrdersTable

    return Orders(OrdersTable(os.environ["ORDERS_TABLE"]), int(os.environ["ORDER_RETENTION_DAYS"]))


@cache
def orders_queue() -> "OrdersQueue":
    """The kitchen's queue `ORDERS_QUEUE_URL`."""
    from lambdas.orders_queue import OrdersQueue

    return OrdersQueue(os.environ["ORDERS_QUEUE_URL"])


@cache
def notifications() -> "Notifications":
    """The topic `USER_NOTIFICATION_TOPIC_ARN`, and the table `NOTIFICATIONS_TABLE` of what was sent there."""
    from lambdas.notifications import Notifications

    return Notifications(os.environ["USER_NOTIFICATION_TOPIC_ARN"], os.environ["NOTIFICATIONS_TABLE"])


@cache
def sign_in() -> "SignIn":
    """Sign-in to the user pool by its app client `USER_POOL_CLIENT_ID`."""
    from lambdas.identity.sign_in import SignIn

    return SignIn(os.environ["USER_POOL_CLIENT_ID"])


@cache
def workflow() -> "Workflow":
    """The order workflow's steps."""
    from lambdas.orders.workflow import Workflow

    return Workflow(orders(), payments())


def payments() -> "PaymentProvider":
    """Payments in the table `PAYMENTS_TABLE`, answered as `PAYMENT_ANSWER` says; for a service that is made once."""
    from lambdas.payments.provider import Answer, PaymentProvider

    return PaymentProvider(os.environ["PAYMENTS_TABLE"], Answer(os.environ["PAYMENT_ANSWER"]))


@cache
def state_machine() -> "StateMachine":
    """The order workflow's state machine `STATE_MACHINE_ARN`."""
    from lambdas.state_machine import StateMachine

    return StateMachine(os.environ["STATE_MACHINE_ARN"])


@cache
def photos() -> "Photos":
    """The photos in the table `PHOTOS_TABLE` and the bucket `PHOTOS_BUCKET`."""
    from lambdas.photos.service import Photos

    return Photos(photos_table(), photos_bucket(), photo_quota())


@cache
def filing() -> "Filing":
    """What looks at pictures, over the same."""
    from lambdas.photos.filing import Filing

    return Filing(photos_table(), photos_bucket(), photo_quota())


@cache
def photos_table() -> "PhotosTable":
    """The table `PHOTOS_TABLE`."""
    from lambdas.photos.table import PhotosTable

    return PhotosTable(os.environ["PHOTOS_TABLE"])


@cache
def photos_bucket() -> "PhotosBucket":
    """The bucket `PHOTOS_BUCKET`, whose name stands where `PHOTOS_ADDRESSING` says: `virtual` (host) or `path`."""
    from lambdas.photos.bucket import PhotosBucket

    return PhotosBucket(os.environ["PHOTOS_BUCKET"], path_style=os.environ["PHOTOS_ADDRESSING"] == "path")


@cache
def photo_quota() -> "Quota":
    """What each user may keep: `PHOTO_QUOTA_COUNT` photos, `PHOTO_QUOTA_MEGABYTES` in all."""
    from lambdas.photos.quota import BYTES_PER_MEGABYTE, Quota

    megabytes = int(os.environ["PHOTO_QUOTA_MEGABYTES"])
    return Quota(int(os.environ["PHOTO_QUOTA_COUNT"]), megabytes * BYTES_PER_MEGABYTE)


@cache
def invoices() -> "Invoices":
    """The invoices in `invoices_table`, with photos in the table `PHOTOS_TABLE`."""
    from lambdas.invoices.photos import KeptPhotos
    from lambdas.invoices.service import Invoices

    return Invoices(invoices_table(), KeptPhotos(photos_table), invoice_writer())


@cache
def invoices_table() -> "InvoicesTable":
    """The tables `INVOICES_TABLE`, `LEDGER_TABLE` and `LEDGER_HEADS_TABLE`."""
    from lambdas.invoices.table import InvoicesTable, Names

    names = (os.environ["INVOICES_TABLE"], os.environ["LEDGER_TABLE"], os.environ["LEDGER_HEADS_TABLE"])
    return InvoicesTable(Names(*names))


@cache
def invoice_writer() -> "Writer":
    """What writes to them."""
    from lambdas.invoices.writing import Writer

    return Writer(invoices_table())


@cache
def mail() -> "Mail":
    """Mail from `MAIL_FROM`; none where it is empty."""
    from lambdas.invoices.mail import NoMail
    from lambdas.invoices.ses import SesMail

    return SesMail(os.environ["MAIL_FROM"]) if os.environ["MAIL_FROM"] else NoMail()


@cache
def sending() -> "Sending":
    """What sends invoices, with links that begin with `PAY_URL`."""
    from lambdas.invoices.sending import Sending

    return Sending(invoices(), invoice_writer(), mail(), os.environ["PAY_URL"])


@cache
def paying() -> "Paying":
    """What takes the money for them."""
    from lambdas.invoices.paying import Paying

    return Paying(invoices_table(), payments(), invoice_writer())


def pay_page() -> str:
    """The address of the site's page for payers."""
    return os.environ["PAY_PAGE"]


@cache
def withdrawing() -> "Withdrawing":
    """What takes them back."""
    from lambdas.invoices.paying import Withdrawing

    return Withdrawing(invoices(), payments(), invoice_writer())
