import pytest

from lambdas.orders.access import check_customer, check_delete, check_move
from lambdas.orders.models import Status
from lambdas.runtime.caller import DELETE_SCOPE, Caller
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import ANN, SAM, SAM_WITH_DELETE


@pytest.mark.parametrize(
    ("caller", "is_staff"),
    [
        pytest.param(ANN, False, id="no group"),
        pytest.param(SAM, True, id="the group staff"),
        pytest.param(Caller("x", frozenset({"guests", "staff"})), True, id="staff among others"),
        pytest.param(Caller("x", frozenset({"Staff", "staff2", "not staff"})), False, id="similar groups"),
        pytest.param(Caller("staff"), False, id="a user named staff"),
        pytest.param(Caller("x", scopes=frozenset({"staff"})), False, id="a scope named staff"),
    ],
)
def test_staff_are_the_members_of_the_group(caller, is_staff):
    assert caller.is_staff is is_staff


@pytest.mark.parametrize(
    ("caller", "customer"),
    [
        pytest.param(ANN, "ann", id="own"),
        pytest.param(SAM, "ann", id="a customer's, for staff"),
        pytest.param(SAM, "sam", id="the staff's own"),
    ],
)
def test_customers_can_access_their_orders_and_staff_all_orders(caller, customer):
    check_customer(caller, customer)


@pytest.mark.parametrize("customer", ["bob", "Ann", "ann ", " ann", "", "*", "ann/bob", "\u0430nn"])
def test_another_customers_orders_are_forbidden_even_with_a_similar_name(customer):
    with pytest.raises(Refusal) as refused:
        check_customer(ANN, customer)

    assert refused.value.reason == "forbidden"


@pytest.mark.parametrize("target", Status)
def test_staff_can_make_any_move(target):
    check_move(SAM, target)


def test_a_customer_can_cancel():
    check_move(ANN, Status.CANCELLED)


@pytest.mark.parametrize("target", [status for status in Status if status is not Status.CANCELLED])
def test_a_customer_can_make_no_other_move(target):
    with pytest.raises(Refusal, match=target) as refused:
        check_move(ANN, target)

    assert refused.value.reason == "forbidden"


@pytest.mark.parametrize("caller", [Caller("ann", scopes=frozenset({"openid", DELETE_SCOPE})), SAM_WITH_DELETE])
def test_the_scope_allows_deleting(caller):
    check_delete(caller)


@pytest.mark.parametrize(
    "caller",
    [
        pytest.param(ANN, id="no scope"),
        pytest.param(SAM, id="staff without the scope"),
        pytest.param(Caller("ann", frozenset({DELETE_SCOPE})), id="a group of that name"),
        pytest.param(
            Caller("ann", scopes=frozenset({"delete_order", "order-api/*", f"{DELETE_SCOPE}s"})), id="similar scopes"
        ),
    ],
)
def test_deleting_without_the_scope_is_forbidden(caller):
    with pytest.raises(Refusal) as refused:
        check_delete(caller)

    assert refused.value.reason == "forbidden"
