from unittest import mock

import pytest

from lambdas.identity import services as identity
from lambdas.identity.sign_in import SignIn
from lambdas.invoices import services as invoices
from lambdas.invoices.mail import NoMail
from lambdas.invoices.paying import Paying, Withdrawing
from lambdas.invoices.sending import Sending
from lambdas.invoices.service import Invoices
from lambdas.invoices.ses import SesMail
from lambdas.invoices.table import InvoicesTable
from lambdas.invoices.writing import Writer
from lambdas.orders import services as orders
from lambdas.orders.models import Item, NewOrder
from lambdas.orders.notifications import Notifications
from lambdas.orders.orders_queue import OrdersQueue
from lambdas.orders.service import Orders
from lambdas.orders.state_machine import StateMachine
from lambdas.orders.workflow import Workflow
from lambdas.photos import services as photos
from lambdas.photos.bucket import PhotosBucket
from lambdas.photos.filing import Filing
from lambdas.photos.quota import Quota
from lambdas.photos.service import Photos
from lambdas.photos.table import PhotosTable
from lambdas.runtime.caller import Caller
from tests.lambdas.builders import TABLE, a_placed

LEDGER = ["INVOICES_TABLE", "LEDGER_TABLE", "LEDGER_HEADS_TABLE"]
ENVIRONMENT = {
    "INVOICES_TABLE": "invoices",
    "LEDGER_TABLE": "ledger",
    "LEDGER_HEADS_TABLE": "heads",
    "MAIL_FROM": "cafe@example.com",
    "PAY_URL": "https://cafe.example/dev/pay/",
    "ORDERS_TABLE": TABLE,
    "ORDER_RETENTION_DAYS": "3",
    "ORDERS_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/orders",
    "USER_NOTIFICATION_TOPIC_ARN": "arn:aws:sns:eu-central-1:123456789012:notification",
    "NOTIFICATIONS_TABLE": "notifications",
    "USER_POOL_CLIENT_ID": "client",
    "PAYMENTS_TABLE": "payments",
    "PAYMENT_ANSWER": "approved",
    "PHOTOS_TABLE": "photos",
    "PHOTOS_BUCKET": "photos",
    "PHOTOS_ADDRESSING": "virtual",
    "PHOTO_QUOTA_COUNT": "5",
    "PHOTO_QUOTA_MEGABYTES": "50",
    "STATE_MACHINE_ARN": "arn:aws:states:eu-central-1:123456789012:stateMachine:workflow",
}
SERVICES = [
    pytest.param(orders.orders, Orders, ["ORDERS_TABLE", "ORDER_RETENTION_DAYS"], id="orders"),
    pytest.param(orders.orders_queue, OrdersQueue, ["ORDERS_QUEUE_URL"], id="orders_queue"),
    pytest.param(
        orders.notifications,
        Notifications,
        ["USER_NOTIFICATION_TOPIC_ARN", "NOTIFICATIONS_TABLE"],
        id="notifications",
    ),
    pytest.param(identity.sign_in, SignIn, ["USER_POOL_CLIENT_ID"], id="sign_in"),
    pytest.param(orders.workflow, Workflow, ["ORDERS_TABLE", "PAYMENTS_TABLE", "PAYMENT_ANSWER"], id="workflow"),
    pytest.param(invoices.invoices_table, InvoicesTable, LEDGER, id="invoices_table"),
    pytest.param(invoices.invoice_writer, Writer, [], id="invoice_writer"),
    pytest.param(invoices.mail, SesMail, ["MAIL_FROM"], id="mail"),
    pytest.param(invoices.invoices, Invoices, [], id="invoices"),
    pytest.param(invoices.sending, Sending, ["PAY_URL"], id="sending"),
    pytest.param(invoices.paying, Paying, ["PAYMENTS_TABLE", "PAYMENT_ANSWER"], id="paying"),
    pytest.param(invoices.withdrawing, Withdrawing, ["PAYMENTS_TABLE"], id="withdrawing"),
    pytest.param(photos.photos_table, PhotosTable, ["PHOTOS_TABLE"], id="photos_table"),
    pytest.param(photos.photos_bucket, PhotosBucket, ["PHOTOS_BUCKET", "PHOTOS_ADDRESSING"], id="photos_bucket"),
    pytest.param(photos.photo_quota, Quota, ["PHOTO_QUOTA_COUNT", "PHOTO_QUOTA_MEGABYTES"], id="photo_quota"),
    pytest.param(photos.photos, Photos, [], id="photos"),
    pytest.param(photos.filing, Filing, [], id="filing"),
    pytest.param(orders.state_machine, StateMachine, ["STATE_MACHINE_ARN"], id="state_machine"),
]


def forget():
    for service in SERVICES:
        service.values[0].cache_clear()


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    forget()
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    yield
    forget()


@pytest.mark.parametrize(("service", "type", "variables"), SERVICES)
def test_a_service_is_made_once(service, type, variables):
    made = service()

    assert isinstance(made, type)
    assert service() is made


@pytest.mark.parametrize(("service", "type", "variables"), SERVICES)
def test_a_service_that_lacks_a_variable_says_which(monkeypatch, service, type, variables):
    for variable in variables:
        forget()
        with monkeypatch.context() as without:
            without.delenv(variable)
            with pytest.raises(KeyError, match=variable):
                service()


def test_orders_are_kept_in_the_named_table_for_the_named_time(table):
    order, _ = orders.orders().create(Caller("ann"), NewOrder(items=[Item("Espresso", 1)], id="7"))

    assert table.get("ann", "7") == order
    assert order.expire_on - order.created_at // 1000 == 3 * 24 * 60 * 60


@pytest.mark.parametrize(("answer", "outcome"), [("approved", "paid"), ("declined", "declined")])
def test_payments_are_answered_as_the_environment_says(keyed_table, monkeypatch, answer, outcome):
    keyed_table("payments")
    monkeypatch.setenv("PAYMENT_ANSWER", answer)

    assert orders.workflow().pay(a_placed(), 220).outcome == outcome


def test_an_answer_that_no_provider_gives_is_a_mistake(monkeypatch):
    monkeypatch.setenv("PAYMENT_ANSWER", "perhaps")

    with pytest.raises(ValueError, match="perhaps"):
        orders.workflow()


def test_a_user_has_the_photos_that_they_have_uploaded(monkeypatch):
    kept = {("ann", "1"): "a photo"}
    monkeypatch.setattr(photos, "photos_table", lambda: mock.Mock(get=lambda *key: kept.get(key)))

    assert [invoices.has_photo(*key) for key in (("ann", "1"), ("ann", "2"), ("bob", "1"))] == [True, False, False]


def test_a_cafe_without_an_address_sends_no_mail(monkeypatch):
    monkeypatch.setenv("MAIL_FROM", "")

    assert isinstance(invoices.mail(), NoMail)
