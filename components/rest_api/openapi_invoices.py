"""What the published description says of invoices and of paying them."""

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
        "`amount` is in minor units of the currency (cents). Whoever makes it is the payee. `attachment` is the id of "
        "a photo of one's own.",
        (Answer(HTTPStatus.CREATED, "The draft.", ONE_INVOICE, ("Location",)),),
    ),
    ("GET", "/invoices"): Operation(
        "listInvoices",
        "List invoices",
        "One's own invoices, and for staff everyone's, newest first.",
        (Answer(HTTPStatus.OK, "A page of invoices.", json_of({"type": "array", "items": ref("Invoice")}), ("Link",)),),
        (HTTPStatus.BAD_REQUEST,),
    ),
    ("GET", ONE): Operation(
        "getInvoice", "Get an invoice", "One invoice.", (Answer(HTTPStatus.OK, "The invoice.", ONE_INVOICE),)
    ),
    ("PATCH", ONE): Operation(
        "changeInvoice",
        "Change a draft",
        "Only what is given changes. A `draft` can be changed, and nothing else.",
        (Answer(HTTPStatus.OK, "The draft with its new content.", ONE_INVOICE),),
        CONFLICT,
    ),
    ("DELETE", ONE): Operation(
        "withdrawInvoice",
        "Withdraw an invoice",
        "A `draft` is removed. What was `sent` becomes `void`, and stays so. A `paid` invoice cannot be withdrawn.",
        (
            Answer(HTTPStatus.OK, "The invoice is void.", ONE_INVOICE),
            Answer(HTTPStatus.NO_CONTENT, "The draft is gone."),
        ),
        CONFLICT,
    ),
    ("POST", f"{ONE}/send"): Operation(
        "sendInvoice",
        "Send an invoice",
        "Makes a `draft` a `sent` invoice, and sends its `payerEmail` a mail with a link. Where no mail was sent, "
        "`mailed` is false and the link is in the answer, this once.",
        (Answer(HTTPStatus.OK, "The invoice.", json_of(ref("SentInvoice"))),),
        CONFLICT,
    ),
    ("GET", f"{ONE}/ledger"): Operation(
        "listEntries",
        "See what became of an invoice",
        "Its entries in the payee's ledger, oldest first. Each holds the hash of the one before it in the payee's "
        "chain, which all of the invoices of a payee share.",
        (Answer(HTTPStatus.OK, "A page of entries.", json_of({"type": "array", "items": ref("Entry")}), ("Link",)),),
        (HTTPStatus.BAD_REQUEST,),
    ),
    ("GET", PAY): Operation(
        "getPayment",
        "See what is to be paid",
        "For whoever holds the link. It leads nowhere once the invoice has been withdrawn. Asked for `text/html`, it "
        "leads on to the site.",
        (
            Answer(HTTPStatus.OK, "The invoice, as far as it concerns the payer.", json_of(ref("PaymentPage"))),
            Answer(HTTPStatus.SEE_OTHER, "The site's page for payers, for browsers.", headers=("Location",)),
        ),
        CONFLICT,
    ),
    ("POST", PAY): Operation(
        "payInvoice",
        "Pay an invoice",
        "However often it is sent, also with another `Idempotency-Key` or none, the invoice is paid once, and every "
        "answer says so. A payment that is declined is a 409.",
        (Answer(HTTPStatus.OK, "The paid invoice.", json_of(ref("PaymentPage"))),),
        CONFLICT,
        condition=IDEMPOTENCY_KEY,
    ),
}
"""By method and path."""
