"""The running API conforms to its published description.

`FUZZ_EXAMPLES` generates more requests per operation than `make test`, and different ones each time.
"""

import os
from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import positive_data_acceptance
from schemathesis.core.parameters import ParameterLocation

from local.cafe.seed import PASSWORD
from tests.lambdas.photos.files import encoded, picture
from tests.local.conftest import running_cafe

pytestmark = pytest.mark.long

PUBLISHED = Path(__file__).parents[2] / "site" / "public" / "openapi.json"
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
CAPPUCCINO = {"items": [{"name": "Cappuccino", "qty": 1}]}
NO_SUCCESS = {
    ("POST", "/authenticate"): "a password cannot be guessed",
    ("DELETE", "/orders/{customer}/{id}"): "requires a scope that only the hosted pages grant",
    ("POST", "/form"): "a picture cannot be guessed",
}

REFUSALS = ["400", "401", "403", "404", "405", "409", "412", "413", "415"]
described = schemathesis.openapi.from_path(
    PUBLISHED,
    config=schemathesis.Config.from_dict(
        {
            "generation": {
                "max-examples": EXAMPLES or 15,
                "deterministic": not EXAMPLES,
                "database": "none",
                # The tokens are real; the check `ignored_auth` removes them.
                "with-security-parameters": False,
            },
            # All checks are on. These also allow 412 and 413, and no 5xx.
            "checks": {
                "negative_data_rejection": {"expected-statuses": REFUSALS},
                "positive_data_acceptance": {"expected-statuses": ["2xx", "304", "401", "403", "404", "409", "412"]},
            },
        }
    ),
)


def with_whole_numbers(value):
    """1.0 is an integer in OpenAPI 3.1's JSON schema, but not in draft 4, which API Gateway uses."""
    if isinstance(value, dict):
        return {name: with_whole_numbers(part) for name, part in value.items()}
    if isinstance(value, list):
        return [with_whole_numbers(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@pytest.fixture(scope="module")
def cafe(tmp_path_factory):
    """A café that takes orders of anything: no request that matches the description is on the menu."""
    with running_cafe(tmp_path_factory.mktemp("described"), "menuOnly=false") as cafe:
        yield cafe


@pytest.fixture(scope="module", params=["ann", "sam"])
def headers(cafe, request):
    return {**cafe.sign_in(request.param), "Host": cafe.api.headers["Host"]}


RESTRICTED = {"attachment", "note", "pickupName", "reason", "options"}
"""Fields with a rule that no schema expresses."""


def words(body):
    """The names of all fields of a body."""
    if isinstance(body, dict):
        return {*body, *(name for part in body.values() for name in words(part))}
    return {name for part in body for name in words(part)} if isinstance(body, list) else set()


@pytest.fixture(scope="module")
def session():
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def order(cafe):
    """The key of one of ann's orders."""
    # Staff may have closed the café in the test before.
    cafe.api.patch("cafe", json={"open": None}, headers=cafe.sign_in("sam")).raise_for_status()
    placed = cafe.api.post("orders", json=CAPPUCCINO, headers=cafe.sign_in("ann")).json()
    return {name: placed[name] for name in ("customer", "id")}


@pytest.fixture
def photo(cafe):
    """The key of one of ann's photos."""
    ann = cafe.aws.client("cognito-idp").admin_get_user(
        UserPoolId=cafe.outputs["userPoolId"], Username="ann@example.com"
    )
    body = {"userid": ann["Username"], "photo": encoded(picture("GIF", (1, 1)))}
    return {"id": cafe.api.post("form", json=body, headers=cafe.sign_in("ann")).json()["id"]}


@pytest.fixture
def invoice(cafe):
    """The key of one of ann's draft invoices."""
    return {"id": draft(cafe)["id"]}


@pytest.fixture
def payment(cafe):
    """The token of a sent invoice."""
    sent = cafe.api.post(f"invoices/{draft(cafe)['id']}/send", headers=cafe.sign_in("ann")).json()
    return {"token": sent["payLink"].rpartition("/")[2]}


def draft(cafe):
    body = {"description": "Two cakes", "amount": 4200, "currency": "EUR"}
    return cafe.api.post("invoices", json=body, headers=cafe.sign_in("ann")).json()


@pytest.fixture(scope="module")
def succeeded():
    """The operations that have succeeded."""
    return set()


@pytest.fixture
def display(cafe):
    """The key of a display."""
    return {"id": cafe.api.post("displays", json={}, headers=cafe.sign_in("sam")).json()["id"]}


@pytest.fixture
def keys(order, photo, invoice, payment, display):
    """Existing path parameters, by the path's first segment."""
    menu = {"name": "Cappuccino"}
    return {
        "orders": order,
        "photos": photo,
        "invoices": invoice,
        "pay": payment,
        "menu": menu,
        "displays": display,
    }


@described.parametrize()
# One order per operation is intended, and a busy machine is not a defect of the API.
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_request_conforms_to_the_description(case, cafe, headers, session, keys, succeeded):
    if case.path_parameters and not is_about_the_path(case):
        case.path_parameters = keys[case.path.split("/")[1]]
    case.body = with_whole_numbers(case.body)
    if isinstance(case.body, dict) and "session" in case.body:
        # The emulator accepts any challenge session and would change ann's password.
        case.body["username"] = "nobody@example.com"
    # A schema cannot express which cursors are valid, which text is a picture or visible, which photo ids exist, which
    # status has a reason, or that options have different names.
    refused = "cursor" in (case.query or {}) or case.path == "/form" or RESTRICTED & words(case.body)
    excluded = [positive_data_acceptance] if refused else []

    answer = case.call_and_validate(
        base_url=str(cafe.api.base_url).rstrip("/"), headers=headers, session=session, excluded_checks=excluded
    )

    if answer.status_code < 300:
        succeeded.add((case.method, case.path))


def is_about_the_path(case):
    """Whether the request tests path parameters."""
    path = case.meta.components[ParameterLocation.PATH]
    return path.mode.is_negative or getattr(case.meta.phase.data, "parameter_location", None) is ParameterLocation.PATH


def test_every_other_operation_has_succeeded(succeeded):
    operations = [operation.ok() for operation in described.get_all_operations()]

    assert {(operation.method.upper(), operation.path) for operation in operations} - succeeded == NO_SUCCESS.keys()


def test_sign_in_conforms_to_the_description(cafe, session):
    case = described["/authenticate"]["POST"].Case(body={"username": "ann@example.com", "password": PASSWORD})

    answer = case.call_and_validate(
        base_url=str(cafe.api.base_url).rstrip("/"), headers={"Host": cafe.api.headers["Host"]}, session=session
    )

    assert answer.status_code == 200
