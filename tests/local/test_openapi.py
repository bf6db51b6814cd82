"""The running API answers as its published description says, whatever it is asked.

`FUZZ_EXAMPLES` draws more requests an operation than `make test` does, and other ones each time.
"""

import os
from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import positive_data_acceptance
from schemathesis.core.parameters import ParameterLocation

from local.seed import PASSWORD
from tests.lambdas.photos.files import encoded, picture

pytestmark = pytest.mark.long

PUBLISHED = Path(__file__).parents[2] / "site" / "public" / "openapi.json"
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
CAPPUCCINO = {"items": [{"name": "Cappuccino", "qty": 1}]}
NO_SUCCESS = {
    ("POST", "/authenticate"): "nobody guesses a password",
    ("DELETE", "/orders/{customer}/{id}"): "it takes a scope that only the hosted pages give",
    ("POST", "/form"): "nobody guesses a picture",
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
                # The tokens are real ones; the check `ignored_auth` takes them away.
                "with-security-parameters": False,
            },
            # All checks are on. These are told of 412, 413, and that nothing of ours answers with 5xx.
            "checks": {
                "negative_data_rejection": {"expected-statuses": REFUSALS},
                "positive_data_acceptance": {"expected-statuses": ["2xx", "304", "401", "403", "404", "409", "412"]},
            },
        }
    ),
)


def with_whole_numbers(value):
    """1.0 is a whole number in the JSON schema of OpenAPI 3.1, and is none in draft 4, which API Gateway goes by."""
    if isinstance(value, dict):
        return {name: with_whole_numbers(part) for name, part in value.items()}
    if isinstance(value, list):
        return [with_whole_numbers(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@pytest.fixture(scope="module", params=["ann", "sam"])
def headers(cafe, request):
    return {**cafe.sign_in(request.param), "Host": cafe.api.headers["Host"]}


@pytest.fixture(scope="module")
def session():
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def order(cafe):
    """The key of an order of ann's."""
    placed = cafe.api.post("orders", json=CAPPUCCINO, headers=cafe.sign_in("ann")).json()
    return {name: placed[name] for name in ("customer", "id")}


@pytest.fixture
def photo(cafe):
    """The key of a photo of ann's."""
    ann = cafe.aws.client("cognito-idp").admin_get_user(
        UserPoolId=cafe.outputs["userPoolId"], Username="ann@example.com"
    )
    body = {"userid": ann["Username"], "photo": encoded(picture("GIF", (1, 1)))}
    return {"id": cafe.api.post("form", json=body, headers=cafe.sign_in("ann")).json()["id"]}


@pytest.fixture
def invoice(cafe):
    """The key of a draft of ann's."""
    return {"id": draft(cafe)["id"]}


@pytest.fixture
def payment(cafe):
    """The token of an invoice that was sent."""
    sent = cafe.api.post(f"invoices/{draft(cafe)['id']}/send", headers=cafe.sign_in("ann")).json()
    return {"token": sent["payLink"].rpartition("/")[2]}


def draft(cafe):
    body = {"description": "Two cakes", "amount": 4200, "currency": "EUR"}
    return cafe.api.post("invoices", json=body, headers=cafe.sign_in("ann")).json()


@pytest.fixture(scope="module")
def succeeded():
    """The operations that have been carried out."""
    return set()


@pytest.fixture
def keys(order, photo, invoice, payment):
    """What a path may name, by its first segment."""
    return {"orders": order, "photos": photo, "invoices": invoice, "pay": payment}


@described.parametrize()
# One order an operation is what is meant, and a busy machine is no defect of the API.
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_request_is_answered_as_described(case, cafe, headers, session, keys, succeeded):
    if case.path_parameters and not is_about_the_path(case):
        case.path_parameters = keys[case.path.split("/")[1]]
    case.body = with_whole_numbers(case.body)
    if isinstance(case.body, dict) and "session" in case.body:
        # The emulator takes any session of a challenge for a right one, and would give ann another password.
        case.body["username"] = "nobody@example.com"
    # No schema tells a cursor that this API has made from another, which is refused, nor a picture from other text, nor
    # the id of a photo that is there.
    refused = "cursor" in (case.query or {}) or case.path == "/form" or "attachment" in str(case.body)
    excluded = [positive_data_acceptance] if refused else []

    answer = case.call_and_validate(
        base_url=str(cafe.api.base_url).rstrip("/"), headers=headers, session=session, excluded_checks=excluded
    )

    if answer.status_code < 300:
        succeeded.add((case.method, case.path))


def is_about_the_path(case):
    """Whether the request tries what the path may hold."""
    path = case.meta.components[ParameterLocation.PATH]
    return path.mode.is_negative or getattr(case.meta.phase.data, "parameter_location", None) is ParameterLocation.PATH


def test_requests_have_been_carried_out(succeeded):
    operations = [operation.ok() for operation in described.get_all_operations()]

    assert {(operation.method.upper(), operation.path) for operation in operations} - succeeded == NO_SUCCESS.keys()


def test_signing_in_is_answered_as_described(cafe, session):
    case = described["/authenticate"]["POST"].Case(body={"username": "ann@example.com", "password": PASSWORD})

    answer = case.call_and_validate(
        base_url=str(cafe.api.base_url).rstrip("/"), headers={"Host": cafe.api.headers["Host"]}, session=session
    )

    assert answer.status_code == 200
