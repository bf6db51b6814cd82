"""The published OpenAPI document: valid, up to date, consistent with the types and backward compatible."""

import json
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from components.rest_api import openapi, openapi_orders
from components.rest_api.gateway_models import schemas
from components.rest_api.gateway_responses import GATEWAY_RESPONSES
from lambdas.api.bodies import BODIES
from lambdas.api.routes import ROUTES
from lambdas.orders.models import NewOrder
from lambdas.runtime import http
from tests.components.recorder import ROOT
from tests.components.rest_api.draft4 import is_valid

PUBLISHED = ROOT / "site" / "public" / "openapi.json"
DOCUMENT = openapi.document()

RELIED_ON = {
    "POST /authenticate": "200",
    "GET /orders": "200",
    "HEAD /orders": "200",
    "POST /orders": "200 201",
    "POST /orders/queued": "202",
    "GET /orders/{customer}/{id}": "200 304",
    "HEAD /orders/{customer}/{id}": "200 304",
    "PATCH /orders/{customer}/{id}": "200",
    "PUT /orders/{customer}/{id}": "200",
    "DELETE /orders/{customer}/{id}": "204",
    "POST /form": "201",
    "GET /photos": "200",
    "POST /photos": "201",
    "GET /photos/{id}": "200",
    "DELETE /photos/{id}": "204",
    "POST /invoices": "201",
    "GET /invoices": "200",
    "GET /invoices/{id}": "200",
    "PATCH /invoices/{id}": "200",
    "DELETE /invoices/{id}": "200 204",
    "POST /invoices/{id}/send": "200",
    "GET /invoices/{id}/ledger": "200",
    "GET /pay/{token}": "200",
    "POST /pay/{token}": "200",
}
"""Operations and their statuses below 400. Never remove entries from this constant or the ones below. Add entries only
if existing requests still conform."""

REQUIRED = {
    "Credentials": ["password username", "refreshToken", "newPassword session username", "code session username"],
    "NewOrder": ["items", "name quantity"],
    "Replacement": ["items", "name quantity"],
    "Move": ["status"],
    "Item": ["name qty"],
    "PhotoForm": ["userid photo"],
    "NewUpload": ["contentType size"],
    "NewInvoice": ["description amount currency"],
    "InvoiceChanges": [""],
    "Payment": ["method"],
}
"""The required fields of each form of a request. Requiring more would break existing clients."""

OPTIONAL = {
    "NewOrder": "id customer restaurantId status staff _createdAt _filledAt _expireOn",
    "Replacement": "restaurantId",
    "Move": "_filledAt",
    "Item": "type",
    "NewInvoice": "payerEmail orderId attachment",
    "InvoiceChanges": "description amount payerEmail attachment",
}
"""The optional fields of each request."""

ANSWERED = {
    "Order": "id customer status items _createdAt _filledAt _updatedAt _expireOn",
    "Tokens": "token accessToken idToken expiresIn tokenType",
    "Problem": "type title status detail",
    "Challenge": "type title status detail challenge session",
    "Queued": "SendMessageResponse",
    "SendMessageResult": "MessageId",
    "Photo": "id userid key contentType size sha256 _createdAt",
    "ReservedUpload": "id key bucket url fields",
    "Invoice": "id userId description amount currency status _createdAt _updatedAt",
    "SentInvoice": "id userId description amount currency status _createdAt _updatedAt mailed",
    "PaymentPage": "description amount currency status",
    "Entry": "userId sequence invoiceId kind amount currency state at by previous hash",
}
"""The fields that are always present in each response."""

PARAMETERS = {"GET /orders": "limit status customer cursor", "HEAD /orders": "limit status customer cursor"}
HEADERS = {("POST /orders", "201"): "ETag Location"}


def operation(name: str) -> Any:
    method, path = name.split()
    return DOCUMENT["paths"][path][method.lower()]


def forms(schema: str) -> list[Any]:
    whole = DOCUMENT["components"]["schemas"][schema]
    return whole.get("oneOf", [whole])


def valid(schema: str, value: Any) -> bool:
    root = {"$ref": f"#/components/schemas/{schema}", "components": DOCUMENT["components"]}
    return Draft202012Validator(root).is_valid(value)


def test_the_published_file_is_up_to_date() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == openapi.text(), "run `make openapi`"


def test_the_document_is_valid() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_every_route_is_described_and_no_other() -> None:
    methods = {
        (method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item if method != "parameters"
    }

    assert methods == {(route.method, route.path) for route in ROUTES}


def test_operation_ids_are_unique() -> None:
    ids = [DOCUMENT["paths"][route.path][route.method.lower()]["operationId"] for route in ROUTES]

    assert len(set(ids)) == len(ids)


def test_responses_are_backward_compatible() -> None:
    for name, statuses in RELIED_ON.items():
        assert set(statuses.split()) <= operation(name)["responses"].keys(), name
    for name, parameters in PARAMETERS.items():
        assert set(parameters.split()) <= {parameter["name"] for parameter in operation(name)["parameters"]}, name
    for (name, status), headers in HEADERS.items():
        assert set(headers.split()) <= operation(name)["responses"][status]["headers"].keys(), name
    for schema, fields in ANSWERED.items():
        assert set(fields.split()) <= set(DOCUMENT["components"]["schemas"][schema]["required"]), schema


def test_requests_are_backward_compatible() -> None:
    for schema, known in REQUIRED.items():
        required = [set(form["required"]) for form in forms(schema)]
        for fields in known:
            assert any(some <= set(fields.split()) for some in required), f"{schema}: {fields}"
    for schema, fields in OPTIONAL.items():
        for form in forms(schema):
            assert set(fields.split()) <= form["properties"].keys(), schema


@pytest.mark.parametrize("body", sorted(set(BODIES.values()), key=lambda body: body.__name__))
def test_example_bodies_are_valid(body: type[msgspec.Struct]) -> None:
    example = openapi.EXAMPLE_BODIES[body]

    assert valid(body.__name__, example)
    assert is_valid(schemas([body])[body.__name__], example, schemas([body]))
    msgspec.convert(example, body)


@pytest.mark.parametrize(
    ("fields", "is_valid_form"),
    [
        (["items"], True),
        (["items", "id", "status"], True),
        (["name", "quantity"], True),
        (["name"], False),
        (["items", "name"], False),
        (["items", "name", "quantity"], False),
        (["id"], False),
        (["items", "surprise"], False),
    ],
)
def test_forms_match_the_gateways_schemas(fields: list[str], is_valid_form: bool) -> None:
    values = {"items": [{"name": "Tea", "qty": 1}], "name": "Tea", "quantity": 1, "id": "x", "status": "x"}
    body = {name: values.get(name, "x") for name in fields}

    assert valid("NewOrder", body) is is_valid_form
    assert is_valid(schemas([NewOrder])["NewOrder"], body, schemas([NewOrder])) is is_valid_form


def test_orders_have_the_documented_fields() -> None:
    order = openapi_orders.EXAMPLE_ORDER.public()
    described = DOCUMENT["components"]["schemas"]["Order"]

    assert valid("Order", order)
    # Orders from before the menu had prices have none.
    assert set(described["required"]) == order.keys() - {"total", "currency"}
    assert described["properties"].keys() - order.keys() == {"restaurantId", "staff", "pickupName", "reason", "number"}


def test_documented_problems_match_the_responses() -> None:
    described = {
        status: openapi.PROBLEMS[status][0] for status in openapi.PROBLEMS if status != 413
    }  # renamed in Python 3.13

    assert {status: status.phrase for status in described} == described
    for status in http.STATUS.values():
        assert status in openapi.PROBLEMS or status >= 500  # described together
        assert valid("Problem", http.problem(status, "Why.").body)
    for response in GATEWAY_RESPONSES:
        assert response.status in openapi.PROBLEMS or response.status >= 500
        assert valid("Problem", json.loads(response.document({})["responseTemplates"]["application/json"]))


def test_security_requirements() -> None:
    assert "`order-api/delete_order`" in operation("DELETE /orders/{customer}/{id}")["description"]
    assert {f"{r.method} {r.path}": operation(f"{r.method} {r.path}")["security"] for r in ROUTES} == {
        f"{r.method} {r.path}": [] if r.access == "anyone" else [{"token": []}] for r in ROUTES
    }


def test_the_viewers_files_come_from_a_package() -> None:
    page = (ROOT / "site" / "public" / "api.html").read_text(encoding="utf-8")

    for path, file in openapi.VIEWER_FILES.items():
        assert f'"{path}"' in page
        assert file.is_file()
