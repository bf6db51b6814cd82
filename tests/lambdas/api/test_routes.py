import importlib

import pytest

from lambdas.api.bodies import BODIES
from lambdas.api.routes import ROUTES
from lambdas.cafe.models import CafeChange, MenuItemBody
from lambdas.identity.models import Credentials
from lambdas.invoices.models import InvoiceChanges, NewInvoice, Payment
from lambdas.orders.models import Move, NewOrder, Replacement
from lambdas.photos.models import NewUpload, PhotoForm

CONTRACT = [
    ("POST", "/authenticate", "anyone", Credentials),
    ("GET", "/menu", "anyone", None),
    ("GET", "/cafe", "anyone", None),
    ("PATCH", "/cafe", "staff", CafeChange),
    ("PUT", "/menu/{name}", "staff", MenuItemBody),
    ("DELETE", "/menu/{name}", "staff", None),
    ("GET", "/orders", "signed-in", None),
    ("POST", "/orders", "signed-in", NewOrder),
    ("POST", "/orders/queued", "signed-in", NewOrder),
    ("GET", "/orders/{customer}/{id}", "signed-in", None),
    ("PATCH", "/orders/{customer}/{id}", "signed-in", Move),
    ("PUT", "/orders/{customer}/{id}", "signed-in", Replacement),
    ("DELETE", "/orders/{customer}/{id}", "delete-scope", None),
    ("POST", "/form", "signed-in", PhotoForm),
    ("GET", "/photos", "signed-in", None),
    ("POST", "/photos", "signed-in", NewUpload),
    ("GET", "/photos/{id}", "signed-in", None),
    ("DELETE", "/photos/{id}", "signed-in", None),
    ("POST", "/invoices", "signed-in", NewInvoice),
    ("GET", "/invoices", "signed-in", None),
    ("GET", "/invoices/{id}", "signed-in", None),
    ("PATCH", "/invoices/{id}", "signed-in", InvoiceChanges),
    ("DELETE", "/invoices/{id}", "signed-in", None),
    ("POST", "/invoices/{id}/send", "signed-in", None),
    ("GET", "/invoices/{id}/ledger", "signed-in", None),
    ("GET", "/pay/{token}", "anyone", None),
    ("POST", "/pay/{token}", "anyone", Payment),
]


@pytest.mark.parametrize("row", CONTRACT, ids=lambda row: f"{row[0]} {row[1]}")
def test_every_row_of_the_contract_is_a_route(row):
    assert row in [(route.method, route.path, route.access, BODIES.get((route.method, route.path))) for route in ROUTES]


def test_every_route_is_unique():
    rows = [(route.method, route.path) for route in ROUTES]

    assert len(set(rows)) == len(rows)


def test_only_sign_in_the_menu_the_cafe_and_payment_links_are_public():
    assert {route.path for route in ROUTES if route.access == "anyone"} == {
        "/authenticate",
        "/cafe",
        "/menu",
        "/pay/{token}",
    }


def test_only_queued_orders_have_no_function():
    assert [route.path for route in ROUTES if route.function is None] == ["/orders/queued"]


@pytest.mark.parametrize("module", [route.function for route in ROUTES if route.function])
def test_every_function_has_a_handler(module):
    assert callable(importlib.import_module(f"lambdas.{module}").handler)
