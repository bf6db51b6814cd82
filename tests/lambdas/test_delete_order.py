import pytest

from lambdas import delete_order
from tests.lambdas.builders import ANN, ANN_WITH_DELETE, BOB_WITH_DELETE, SAM, SAM_WITH_DELETE, an_order, order_event

ORDER = an_order("7")


@pytest.mark.parametrize("caller", [ANN_WITH_DELETE, SAM_WITH_DELETE], ids=["own", "staff"])
def test_an_order_is_deleted_with_the_scope(call, store, caller):
    store.insert(ORDER)

    answer = call(delete_order, order_event("DELETE", ORDER, caller))

    assert (answer["statusCode"], answer["body"]) == (204, "")
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
    assert store.all() == []


@pytest.mark.parametrize(
    "caller", [ANN, SAM, BOB_WITH_DELETE], ids=["own", "staff", "another customer's with the scope"]
)
def test_deleting_without_permission_is_forbidden(call, store, caller):
    store.insert(ORDER)

    answer = call(delete_order, order_event("DELETE", ORDER, caller))

    assert answer["statusCode"] == 403
    assert store.all() == [ORDER]


def test_a_second_delete_is_a_404(call, store):
    store.insert(ORDER)
    event = order_event("DELETE", ORDER, ANN_WITH_DELETE)

    assert [call(delete_order, event)["statusCode"] for _ in range(2)] == [204, 404]
