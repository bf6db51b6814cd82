import importlib

import pytest

from lambdas.api.bodies import BODIES
from lambdas.api.routes import ROUTES
from lambdas.cafe.models import CafeChange, MenuItemBody
from lambdas.identity.models import Credentials, GuestRequest, NewDisplay
from lambdas.invoices.models import InvoiceChanges, NewInvoice, Payment
from lambdas.orders.models import Move, NewOrder, Replacement
from lambdas.photos.models import NewUpload, PhotoForm

CONTRACT = [
    ("POST", "/authenticate", "anyone", Credentials),
    ("POST", "/guests", "anyone", GuestRequest),
    ("GET", "/displays", "staff", None),
    ("POST", "/displays", "staff", NewDisplay),
    ("DELETE", "/displays/{id}", "staff", None),
    ("GET", "/display", "display", None),
    ("GET", "/menu", "anyone", None),
    ("GET", "/cafe", "anyone", None),
    ("PATCH", "/cafe", "staff", CafeChange),
    ("PUT", "/menu/{name}", "staff", MenuItemBody),
    ("DELETE", "/menu/{name}", "staff", None),
    ("GET", "/orders", "signed-in", None),
    ("POST", "/orders", "signed-in", NewOrder),
    ("POST", "/orders/queued", "account", NewOrder),
    ("GET", "/orders/{customer}/{id}", "signed-in", None),
    ("PATCH", "/orders/{customer}/{id}", "signed-in", Move),
    ("PUT", "/orders/{customer}/{id}", "signed-in", Replacement),
    ("DELETE", "/orders/{customer}/{id}", "delete-scope", None),
    ("POST", "/form", "account", PhotoForm),
    ("GET", "/photos", "account", None),
    ("POST", "/photos", "account", NewUpload),
    ("GET", "/photos/{id}", "account", None),
    ("DELETE", "/photos/{id}", "account", None),
    ("POST", "/invoices", "account", NewInvoice),
    ("GET", "/invoices", "account", None),
    ("GET", "/invoices/{id}", "account", None),
    ("PATCH", "/invoices/{id}", "account", InvoiceChanges),
    ("DELETE", "/invoices/{id}", "account", None),
    ("POST", "/invoices/{id}/send", "account", None),
    ("GET", "/invoices/{id}/ledger", "account", None),
    ("GET", "/pay/{token}", "anyone", None),
    ("POST", "/pay/{token}", "anyone", Payment),
]


@pytest.mark.parametrize("row", CONTRACT, ids=lambda row: f"{row[0]} {row[1]}")
def test_every_row_of_the_contract_is_a_route(row):
    assert row in [(route.method, route.path, route.access, BODIES.get((route.method, route.path))) for route in ROUTES]


def test_every_route_is_unique():
    rows = [(route.method, route.path) for route in ROUTES]

    assert len(set(rows)) == len(rows)


def test_only_sign_in_guests_the_menu_the_cafe_and_payment_links_are_public():
    assert {route.path for route in ROUTES if route.access == "anyone"} == {
        "/authenticate",
        "/cafe",
        "/guests",
        "/menu",
        "/pay/{token}",
    }


def test_only_queued_orders_have_no_function():
    assert [route.path for route in ROUTES if route.function is None] == ["/orders/queued"]


@pytest.mark.parametrize("module", [route.function for route in ROUTES if route.function])
def test_every_function_has_a_handler(module):
    assert callable(importlib.import_module(f"lambdas.{module}").handler)
