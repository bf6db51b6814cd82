"""Access rules for orders. API Gateway already enforces most of them; this is defense in depth."""

from lambdas.orders.models import Status
from lambdas.runtime.caller import DELETE_SCOPE, Caller
from lambdas.runtime.errors import Refusal


def check_customer(caller: Caller, customer: str) -> None:
    """Refuse unless the caller is `customer` or staff."""
    if customer != caller.name and not caller.is_staff:
        raise Refusal("forbidden", "These are another customer's orders.")


def check_move(caller: Caller, target: Status) -> None:
    """Refuse a status change that the caller may not make: a customer may only cancel."""
    if target is not Status.CANCELLED and not caller.is_staff:
        raise Refusal("forbidden", f"Only staff may move an order to `{target}`; a customer may cancel it.")


def check_delete(caller: Caller) -> None:
    """Refuse a deletion without the delete scope."""
    if DELETE_SCOPE not in caller.scopes:
        raise Refusal("forbidden", f"Deleting an order requires a token with the scope `{DELETE_SCOPE}`.")
