"""No request gets a 5xx, even with an invalid path. DynamoDB rejects keys that are empty or longer than 1,024 bytes
(`id`) or 2,048 bytes (`customer`); a gateway accepts paths of up to 10 KB."""

import json

import pytest

from lambdas import delete_order, get_order, replace_order, update_order
from tests.lambdas.builders import SAM_WITH_DELETE, api_event

CALLS = [
    pytest.param(get_order, "GET", None, id="GET"),
    pytest.param(update_order, "PATCH", {"status": "ready"}, id="PATCH"),
    pytest.param(replace_order, "PUT", {"name": "Muffin", "quantity": 1}, id="PUT"),
    pytest.param(delete_order, "DELETE", None, id="DELETE"),
]
PATHS = [
    pytest.param("ann", "x" * 65, id="a long id"),
    pytest.param("ann", "x" * 1025, id="an id that DynamoDB rejects"),
    pytest.param("ann", "x" * 9000, id="a huge id"),
    pytest.param("ann", "\u00e9" * 513, id="an id with too many bytes"),
    pytest.param("ann", "", id="an empty id"),
    pytest.param("ann", "a b/<c>\n\x00", id="an id with invalid characters"),
    pytest.param("ann", "\ud800", id="a lone surrogate as id"),
    pytest.param("x" * 129, "7", id="a long customer"),
    pytest.param("x" * 9000, "7", id="a huge customer"),
    pytest.param("", "7", id="an empty customer"),
    pytest.param("\ud800", "7", id="a lone surrogate as customer"),
    pytest.param("%00", "%2e%2e", id="escapes"),
]


@pytest.mark.parametrize(("customer", "id"), PATHS)
@pytest.mark.parametrize(("handler", "method", "body"), CALLS)
def test_an_impossible_key_is_a_404(call, handler, method, body, customer, id):
    event = api_event(method, caller=SAM_WITH_DELETE, parameters={"customer": customer, "id": id}, body=body)

    answer = call(handler, event)

    assert (answer["statusCode"], json.loads(answer["body"])["status"]) == (404, 404)
