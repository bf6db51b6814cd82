"""The client that openapi-python-client generates from the published description: it has every operation, it installs,
and it works with the running API."""

import importlib
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path

import pytest

from components.rest_api.openapi import document
from tests.local.conftest import ROOT, TIMEOUT_SECONDS

pytestmark = pytest.mark.long

BIN = Path(sys.executable).parent
PACKAGE = "cafe_api_client"


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """The folder of the generated package, and the generator's output."""
    folder = tmp_path_factory.mktemp("generated") / "client"
    source = ROOT / "site" / "public" / "openapi.json"
    return folder, run(BIN / "openapi-python-client", "generate", "--path", source, "--output-path", folder)


@pytest.fixture(scope="module")
def call(generated, tmp_path_factory, cafe):
    """Call an operation of the installed package, by its module."""
    folder, _ = generated
    target = tmp_path_factory.mktemp("installed")
    run(BIN / "uv", "pip", "install", "--quiet", "--python", sys.executable, "--target", target, "--no-deps", folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(target))
        api_id = cafe.outputs["apiUrl"].partition("//")[2].partition(".")[0]
        base = f"http://localhost:{cafe.port}/_aws/execute-api/{api_id}/dev"
        token = cafe.sign_in("ann")["Authorization"].removeprefix("Bearer ")
        options = {"base_url": base, "httpx_args": {"trust_env": False}}
        with importlib.import_module(PACKAGE).AuthenticatedClient(token=token, **options) as client:

            def call(operation, *path, **arguments):
                module = importlib.import_module(f"{PACKAGE}.api.{operation}")
                answer = module.sync_detailed(*path, client=client, **arguments)
                return answer.status_code, answer.parsed

            yield call


def model(name):
    return getattr(importlib.import_module(f"{PACKAGE}.models"), name)


def test_every_operation_is_generated(generated):
    folder, printed = generated
    ids = [
        operation["operationId"]
        for methods in document()["paths"].values()
        for method, operation in methods.items()
        if method != "parameters"
    ]
    modules = {path.stem.replace("_", "") for path in folder.glob(f"{PACKAGE}/api/*/[!_]*.py")}

    assert modules == {name.lower() for name in ids}
    assert "will not be generated" not in printed
    assert "Unable to parse" not in printed


def test_an_order_is_created_read_replaced_and_cancelled(call):
    item = model("Item")
    body = model("NewOrderWithItems")(items=[item(name="Espresso", qty=1)])
    status, order = call("orders.create_order", body=body)
    assert (status, order.status, order.items[0].name) == (HTTPStatus.CREATED, "created", "Espresso")
    where = (order.customer, order.id)

    assert call("orders.get_order", *where)[1].id == order.id
    assert order.id in [each.id for each in call("orders.list_orders", limit=100)[1]]
    changed = model("ReplacementWithItems")(items=[item(name="Espresso", qty=2)])
    status, replaced = call("orders.replace_order", *where, body=changed)
    assert status in (HTTPStatus.OK, HTTPStatus.CONFLICT)
    if status is HTTPStatus.CONFLICT:
        assert replaced.detail  # the kitchen was faster
    status, cancelled = call("orders.update_order", *where, body=model("Move").from_dict({"status": "cancelled"}))
    assert (status, cancelled.status) == (HTTPStatus.OK, "cancelled")
    status, problem = call("orders.get_order", *where[:1], "nothing")
    assert (status, problem.status) == (HTTPStatus.NOT_FOUND, 404)


def test_an_invoice_is_drafted_and_withdrawn(call):
    body = model("NewInvoice")(description="Two cakes", amount=4200, currency=model("NewInvoiceCurrency").EUR)
    status, invoice = call("invoices.create_invoice", body=body)
    assert (status, invoice.amount) == (HTTPStatus.CREATED, 4200)
    assert call("invoices.update_invoice", invoice.id, body=model("InvoiceChanges")(amount=1))[1].amount == 1
    assert call("invoices.delete_invoice", invoice.id)[0] == HTTPStatus.NO_CONTENT
