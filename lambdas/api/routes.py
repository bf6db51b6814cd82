"""Every route of the HTTP API: its method and path, who may call it, and which function handles it.

The API is built from this table. The authorizer's policy lists the routes that a token may call.
"""

from typing import Literal, NamedTuple

Access = Literal["anyone", "signed-in", "account", "delete-scope", "staff", "display"]
"""Required access: none, a token of a customer or guest, one of a customer, one with the delete scope, one of staff, or
one of a display or staff."""


class Route(NamedTuple):
    """One method on one path.

    `{customer}` in a path is the caller's name, or any customer's for staff. `function` is the module in `lambdas/`
    that handles the request; with `None`, API Gateway handles it.
    """

    method: str
    path: str
    access: Access
    function: str | None


ROUTES = (
    Route("POST", "/authenticate", "anyone", "authenticate"),
    Route("POST", "/guests", "anyone", "create_guest"),
    Route("GET", "/displays", "staff", "manage_displays"),
    Route("POST", "/displays", "staff", "manage_displays"),
    Route("DELETE", "/displays/{id}", "staff", "manage_displays"),
    Route("GET", "/display", "display", "manage_displays"),
    Route("GET", "/menu", "anyone", "manage_menu"),
    Route("PUT", "/menu/{name}", "staff", "manage_menu"),
    Route("DELETE", "/menu/{name}", "staff", "manage_menu"),
    Route("GET", "/cafe", "anyone", "manage_cafe"),
    Route("PATCH", "/cafe", "staff", "manage_cafe"),
    Route("GET", "/orders", "signed-in", "get_orders"),
    Route("HEAD", "/orders", "signed-in", "get_orders"),
    Route("POST", "/orders", "signed-in", "create_order"),
    Route("POST", "/orders/queued", "account", None),
    Route("GET", "/orders/{customer}/{id}", "signed-in", "get_order"),
    Route("HEAD", "/orders/{customer}/{id}", "signed-in", "get_order"),
    Route("PATCH", "/orders/{customer}/{id}", "signed-in", "update_order"),
    Route("PUT", "/orders/{customer}/{id}", "signed-in", "replace_order"),
    Route("DELETE", "/orders/{customer}/{id}", "delete-scope", "delete_order"),
    Route("POST", "/form", "account", "create_photo"),
    Route("GET", "/photos", "account", "get_photos"),
    Route("POST", "/photos", "account", "reserve_photo"),
    Route("GET", "/photos/{id}", "account", "get_photo"),
    Route("DELETE", "/photos/{id}", "account", "delete_photo"),
    Route("POST", "/invoices", "account", "create_invoice"),
    Route("GET", "/invoices", "account", "get_invoices"),
    Route("GET", "/invoices/{id}", "account", "get_invoice"),
    Route("PATCH", "/invoices/{id}", "account", "update_invoice"),
    Route("DELETE", "/invoices/{id}", "account", "delete_invoice"),
    Route("POST", "/invoices/{id}/send", "account", "send_invoice"),
    Route("GET", "/invoices/{id}/ledger", "account", "get_ledger"),
    Route("GET", "/pay/{token}", "anyone", "get_payment"),
    Route("POST", "/pay/{token}", "anyone", "pay_invoice"),
)
