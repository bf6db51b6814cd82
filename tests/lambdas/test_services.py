from unittest import mock

import pytest

from lambdas.cafe import services as cafe
from lambdas.cafe.cafe import Cafes
from lambdas.cafe.menu import Menus
from lambdas.cafe.opening import Opening
from lambdas.cafe.table import CafeTable
from lambdas.cafe.waiting import Waiting
from lambdas.identity import guest_services
from lambdas.identity import services as identity
from lambdas.identity import token_services as tokens
from lambdas.identity.displays import Displays
from lambdas.identity.guests import Guests
from lambdas.identity.session_limit import SessionLimit
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
from lambdas.orders.models import NewItem, NewOrder
from lambdas.orders.notifications import Notifications
from lambdas.orders.numbers import NumbersTable
from lambdas.orders.orders_queue import OrdersQueue
from lambdas.orders.progress import Progress
from lambdas.orders.service import Orders
from lambdas.orders.state_machine import StateMachine
from lambdas.orders.table import OrdersTable
from lambdas.orders.workflow import Workflow
from lambdas.photos import services as photos
from lambdas.photos.bucket import PhotosBucket
from lambdas.photos.filing import Filing
from lambdas.photos.quota import Quota
from lambdas.photos.service import Photos
from lambdas.photos.table import PhotosTable
from lambdas.runtime.caller import Caller
from tests.lambdas.builders import CAFE_TABLE, TABLE, an_order_placed

LEDGER = ["INVOICES_TABLE", "LEDGER_TABLE", "LEDGER_HEADS_TABLE"]
ENVIRONMENT = {
    "INVOICES_TABLE": "invoices",
    "LEDGER_TABLE": "ledger",
    "LEDGER_HEADS_TABLE": "heads",
    "MAIL_FROM": "cafe@example.com",
    "PAY_URL": "https://cafe.example/dev/pay/",
    "ORDERS_TABLE": TABLE,
    "ORDER_RETENTION_DAYS": "3",
    "OPEN_ORDERS": "25",
    "ORDER_WORKFLOW": "false",
    "CAFE_TABLE": CAFE_TABLE,
    "CURRENCY": "EUR",
    "TAX_PERCENT": "7.5",
    "MENU_ONLY": "false",
    "OPENING_HOURS": "",
    "TIME_ZONE": "UTC",
    "ORDERS_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/orders",
    "USER_NOTIFICATION_TOPIC_ARN": "arn:aws:sns:eu-central-1:123456789012:notification",
    "NOTIFICATIONS_TABLE": "notifications",
    "USER_POOL_CLIENT_ID": "client",
    "GUEST_KEY": "key",
    "GUEST_MINUTES": "60",
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
    pytest.param(
        orders.orders, Orders, ["ORDERS_TABLE", "ORDER_RETENTION_DAYS", "OPEN_ORDERS", "ORDER_WORKFLOW"], id="orders"
    ),
    pytest.param(
        orders.priced_orders, Orders, ["CAFE_TABLE", "CURRENCY", "MENU_ONLY", "OPENING_HOURS"], id="priced_orders"
    ),
    pytest.param(orders.orders_table, OrdersTable, ["ORDERS_TABLE"], id="orders_table"),
    pytest.param(guest_services.guest_sessions, Guests, ["GUEST_MINUTES"], id="guest_sessions"),
    pytest.param(guest_services.session_limit, SessionLimit, ["CAFE_TABLE"], id="session_limit"),
    pytest.param(tokens.displays, Displays, ["CAFE_TABLE"], id="displays"),
    pytest.param(cafe.cafe_table, CafeTable, ["CAFE_TABLE"], id="cafe_table"),
    pytest.param(cafe.numbers, NumbersTable, ["CAFE_TABLE"], id="numbers"),
    pytest.param(orders.progress, Progress, ["CAFE_TABLE"], id="progress"),
    pytest.param(cafe.opening, Opening, ["OPENING_HOURS", "TIME_ZONE"], id="opening"),
    pytest.param(cafe.waiting, Waiting, ["CAFE_TABLE"], id="waiting"),
    pytest.param(cafe.cafes, Cafes, ["CAFE_TABLE", "OPENING_HOURS"], id="cafes"),
    pytest.param(cafe.menus, Menus, ["CURRENCY", "TAX_PERCENT"], id="menus"),
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


def clear_caches():
    for service in SERVICES:
        service.values[0].cache_clear()


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    clear_caches()
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    yield
    clear_caches()


@pytest.mark.parametrize(("service", "type", "variables"), SERVICES)
def test_a_service_is_created_once(service, type, variables):
    created = service()

    assert isinstance(created, type)
    assert service() is created


@pytest.mark.parametrize(("service", "type", "variables"), SERVICES)
def test_the_error_names_a_missing_variable(monkeypatch, service, type, variables):
    for variable in variables:
        clear_caches()
        with monkeypatch.context() as without:
            without.delenv(variable)
            with pytest.raises(KeyError, match=variable):
                service()


def test_orders_use_the_configured_table_and_retention(table, cafe_table):
    order, _ = orders.priced_orders().create(Caller("ann"), NewOrder(items=[NewItem("Espresso", 1)], id="7"))

    assert table.get("ann", "7") == order
    assert order.expire_on - order.created_at // 1000 == 3 * 24 * 60 * 60


@pytest.mark.parametrize(("answer", "outcome"), [("approved", "paid"), ("declined", "declined")])
def test_the_payment_answer_comes_from_the_environment(keyed_table, monkeypatch, answer, outcome):
    keyed_table("payments")
    monkeypatch.setenv("PAYMENT_ANSWER", answer)

    assert orders.workflow().pay(an_order_placed(), 220).outcome == outcome


def test_an_unknown_payment_answer_is_an_error(monkeypatch):
    monkeypatch.setenv("PAYMENT_ANSWER", "perhaps")

    with pytest.raises(ValueError, match="perhaps"):
        orders.workflow()


def test_users_have_only_their_own_photos(monkeypatch):
    kept = {("ann", "1"): "a photo"}
    monkeypatch.setattr(photos, "photos_table", lambda: mock.Mock(get=lambda *key: kept.get(key)))

    assert [invoices.has_photo(*key) for key in (("ann", "1"), ("ann", "2"), ("bob", "1"))] == [True, False, False]


def test_without_an_address_no_mail_is_sent(monkeypatch):
    monkeypatch.setenv("MAIL_FROM", "")

    assert isinstance(invoices.mail(), NoMail)
