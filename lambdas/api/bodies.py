"""The request bodies of the API's routes."""

from msgspec import Struct

from lambdas.cafe.models import CafeChange, MenuItemBody
from lambdas.identity.models import Credentials, GuestRequest, NewDisplay
from lambdas.invoices.models import InvoiceChanges, NewInvoice, Payment
from lambdas.orders.models import Move, NewOrder, Replacement
from lambdas.photos.models import NewUpload, PhotoForm

BODIES: dict[tuple[str, str], type[Struct]] = {
    ("POST", "/authenticate"): Credentials,
    ("POST", "/guests"): GuestRequest,
    ("POST", "/displays"): NewDisplay,
    ("PUT", "/menu/{name}"): MenuItemBody,
    ("PATCH", "/cafe"): CafeChange,
    ("POST", "/orders"): NewOrder,
    ("POST", "/orders/queued"): NewOrder,
    ("PATCH", "/orders/{customer}/{id}"): Move,
    ("PUT", "/orders/{customer}/{id}"): Replacement,
    ("POST", "/form"): PhotoForm,
    ("POST", "/photos"): NewUpload,
    ("POST", "/invoices"): NewInvoice,
    ("PATCH", "/invoices/{id}"): InvoiceChanges,
    ("POST", "/pay/{token}"): Payment,
}
"""By method and path. Routes of `lambdas.api.routes` that are not listed take no body."""
