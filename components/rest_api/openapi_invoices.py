"""Descriptions of the operations on invoices and payments."""

from http import HTTPStatus

from msgspec import Struct

from lambdas.invoices.keys import InvoicesQuery, LedgerQuery
from lambdas.invoices.ledger import Entry
from lambdas.invoices.models import (
    Invoice,
    InvoiceChanges,
    NewInvoice,
    Payment,
    PaymentPage,
    SentInvoice,
)
from lambdas.runtime.paging import Paged

from .openapi_parts import Answer, Json, Operation, json_of, ref

ANSWERS: tuple[type[Struct], ...] = (Invoice, SentInvoice, PaymentPage, Entry)
QUERIES: dict[str, type[Paged]] = {"get_invoices": InvoicesQuery, "get_ledger": LedgerQuery}
EXAMPLE_BODIES: dict[type[Struct], Json] = {
    NewInvoice: {"description": "Two cakes", "amount": 4200, "currency": "EUR", "payerEmail": "bob@example.com"},
    InvoiceChanges: {"amount": 3900},
    Payment: {"method": "card"},
}

ONE_INVOICE = json_of(ref("Invoice"))
ONE = "/invoices/{id}"
PAY = "/pay/{token}"
CONFLICT = (HTTPStatus.CONFLICT,)
IDEMPOTENCY_KEY = "Idempotency-Key"

OPERATIONS = {
    ("POST", "/invoices"): Operation(
        "createInvoice",
        "Draft an invoice",
        "`amount` is in minor units of the currency (cents). The caller is the payee. `attachment` is the ID of one of "
        "the caller's photos.",
        (Answer(HTTPStatus.CREATED, "The draft.", ONE_INVOICE, ("Location",)),),
    ),
    ("GET", "/invoices"): Operation(
        "listInvoices",
        "List invoices",
        "Returns the caller's invoices, or everyone's for staff, newest first.",
        (Answer(HTTPStatus.OK, "A page of invoices.", json_of({"type": "array", "items": ref("Invoice")}), ("Link",)),),
        (HTTPStatus.BAD_REQUEST,),
    ),
    ("GET", ONE): Operation(
        "getInvoice", "Get an invoice", "Returns an invoice.", (Answer(HTTPStatus.OK, "The invoice.", ONE_INVOICE),)
    ),
    ("PATCH", ONE): Operation(
        "updateInvoice",
        "Change a draft",
        "Changes only the given fields. Only a `draft` can be changed.",
        (Answer(HTTPStatus.OK, "The changed draft.", ONE_INVOICE),),
        CONFLICT,
    ),
    ("DELETE", ONE): Operation(
        "deleteInvoice",
        "Withdraw an invoice",
        "Deletes a `draft`. A `sent` invoice becomes `void` permanently. A `paid` invoice cannot be withdrawn.",
        (
            Answer(HTTPStatus.OK, "The invoice is void.", ONE_INVOICE),
            Answer(HTTPStatus.NO_CONTENT, "The draft was deleted."),
        ),
        CONFLICT,
    ),
    ("POST", f"{ONE}/send"): Operation(
        "sendInvoice",
        "Send an invoice",
        "Changes a `draft` to `sent`, and emails a link to its `payerEmail`. If no email was sent, `mailed` is false "
        "and the response contains the link, only this once.",
        (Answer(HTTPStatus.OK, "The invoice.", json_of(ref("SentInvoice"))),),
        CONFLICT,
    ),
    ("GET", f"{ONE}/ledger"): Operation(
        "getLedger",
        "List the ledger entries of an invoice",
        "Returns the invoice's entries in the payee's ledger, oldest first. Each entry holds the hash of the previous "
        "one in the payee's chain, which all invoices of the payee share.",
        (Answer(HTTPStatus.OK, "A page of entries.", json_of({"type": "array", "items": ref("Entry")}), ("Link",)),),
        (HTTPStatus.BAD_REQUEST,),
    ),
    ("GET", PAY): Operation(
        "getPayment",
        "Get the invoice to pay",
        "Needs only the link, which is invalid once the invoice has been withdrawn. A request for `text/html` is "
        "redirected to the site.",
        (
            Answer(HTTPStatus.OK, "The invoice, as shown to the payer.", json_of(ref("PaymentPage"))),
            Answer(HTTPStatus.SEE_OTHER, "The site's payment page, for browsers.", headers=("Location",)),
        ),
        CONFLICT,
    ),
    ("POST", PAY): Operation(
        "payInvoice",
        "Pay an invoice",
        "Repeated requests, even with another `Idempotency-Key` or none, pay the invoice once, and every response says "
        "so. A declined payment returns 409.",
        (Answer(HTTPStatus.OK, "The paid invoice.", json_of(ref("PaymentPage"))),),
        CONFLICT,
        condition=IDEMPOTENCY_KEY,
    ),
}
"""Operations by method and path."""
