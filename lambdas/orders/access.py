"""Who may do what with whose orders. The gateway's policy says most of this already; this is the second lock."""

from lambdas.orders.models import Status
from lambdas.runtime.caller import DELETE_SCOPE, Caller
from lambdas.runtime.errors import Refusal


def check_customer(caller: Caller, customer: str) -> None:
    """Refuse unless the orders of `customer` are the caller's own, or the caller is staff."""
    if customer != caller.name and not caller.is_staff:
        raise Refusal("forbidden", "These are another customer's orders.")


def check_move(caller: Caller, target: Status) -> None:
    """Refuse a move that the caller may not make: a customer only cancels."""
    if target is not Status.CANCELLED and not caller.is_staff:
        raise Refusal("forbidden", f"Only staff may move an order to `{target}`; a customer may cancel it.")


def check_delete(caller: Caller) -> None:
    """Refuse a deletion without the scope for it."""
    if DELETE_SCOPE not in caller.scopes:
        raise Refusal("forbidden", f"Deleting an order takes a token with the scope `{DELETE_SCOPE}`.")
