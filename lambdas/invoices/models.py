"""Invoice types, for requests, responses and storage. Amounts are integers in minor units (cents)."""

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field, to_builtins

from lambdas.invoices.currencies import CODES
from lambdas.runtime.ids import GeneratedId, OrderId

CAFE = "cafe"
"""The payee of an invoice for an order. No user can have this name: in a pool whose users sign in with their email
address, Cognito generates user names, and they are UUIDs."""

MAX_AMOUNT = 10**12

# `$` alone would accept a trailing newline.
Token = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{43}(?![\s\S])")]
"""256 bits in base64url, without padding."""

Description = Annotated[str, Meta(min_length=1, max_length=500)]
Amount = Annotated[int, Meta(ge=1, le=MAX_AMOUNT)]
Currency = Annotated[str, Meta(min_length=3, max_length=3, extra_json_schema={"enum": sorted(CODES)})]
EMAIL_NAME = r'[^\s\x00-\x1f\x7f"(),:;<>@\[\\\]]{1,64}'
EMAIL_LABEL = r"[^\s\x00-\x2c\x2e\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]{1,63}"
Email = Annotated[str, Meta(max_length=254, pattern=rf"^{EMAIL_NAME}@{EMAIL_LABEL}(\.{EMAIL_LABEL})+(?![\s\S])")]
"""HTML's definition of an email address with letters of any script (RFC 6531), plus a required dot in the domain. Only
sending shows whether it exists."""

Method = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,31}(?![\s\S])")]
"""The payment provider's name for the payment method: `card`."""


class InvoiceStatus(StrEnum):
    """The status of an invoice."""

    DRAFT = "draft"
    SENT = "sent"
    PAID = "paid"
    VOID = "void"


class InvoiceKey(Struct, frozen=True):
    """The path parameters of one invoice."""

    id: GeneratedId


class PaymentKey(Struct, frozen=True):
    """The path parameters of a payment link."""

    token: Token


class NewInvoice(Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of `POST /invoices`. Without `payerEmail`, no email is sent. `attachment` is the ID of a photo."""

    description: Description
    amount: Amount
    currency: Currency
    payer_email: Email | UnsetType = UNSET
    order_id: OrderId | UnsetType = UNSET
    attachment: GeneratedId | UnsetType = UNSET


class InvoiceChanges(Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of `PATCH /invoices/{id}`: the fields to change."""

    description: Description | UnsetType = UNSET
    amount: Amount | UnsetType = UNSET
    payer_email: Email | UnsetType = UNSET
    attachment: GeneratedId | UnsetType = UNSET


class Payment(Struct, forbid_unknown_fields=True):
    """The body of `POST /pay/{token}`."""

    method: Method


class Invoice(Struct, kw_only=True, frozen=True, rename="camel"):
    """An invoice as its payee and staff see it. Times are in ms since 1970, and absent until they occur.

    `userId` is the payee. `customer` is the customer of the order, if the invoice was created from one.
    """

    id: str
    user_id: str
    description: str
    amount: int
    currency: str
    status: InvoiceStatus
    payer_email: str | UnsetType = UNSET
    order_id: str | UnsetType = UNSET
    customer: str | UnsetType = UNSET
    attachment: str | UnsetType = UNSET
    method: str | UnsetType = UNSET
    created_at: int = field(name="_createdAt")
    updated_at: int = field(name="_updatedAt")
    sent_at: int | UnsetType = field(default=UNSET, name="_sentAt")
    paid_at: int | UnsetType = field(default=UNSET, name="_paidAt")
    voided_at: int | UnsetType = field(default=UNSET, name="_voidedAt")


class StoredInvoice(Invoice, kw_only=True, frozen=True):
    """An invoice as it is stored."""

    entry: int = field(default=0, name="_entry")
    """The number of the invoice's last ledger entry. It changes with each write."""
    link: str | UnsetType = field(default=UNSET, name="_link")
    """The digest of the payment link's token, once the invoice is sent."""

    def public(self) -> dict[str, object]:
        """The invoice as the payee and staff see it."""
        fields: dict[str, object] = to_builtins(self)
        return {name: value for name, value in fields.items() if name not in ("_entry", "_link")}

    def page(self) -> "PaymentPage":
        """The invoice as the payer sees it."""
        return PaymentPage(
            description=self.description,
            amount=self.amount,
            currency=self.currency,
            status=self.status,
            method=self.method,
            sent_at=self.sent_at,
            paid_at=self.paid_at,
        )


class PaymentPage(Struct, kw_only=True):
    """An invoice as the payer sees it. It reveals nothing about the payee except the description."""

    description: str
    amount: int
    currency: str
    status: InvoiceStatus
    method: str | UnsetType = UNSET
    sent_at: int | UnsetType = field(default=UNSET, name="_sentAt")
    paid_at: int | UnsetType = field(default=UNSET, name="_paidAt")


class SentInvoice(Invoice, kw_only=True, frozen=True):
    """The response to `POST /invoices/{id}/send`: the invoice, and whether an email was sent. If not, `payLink` is the
    payment link, to pass on in another way. It is not stored and not shown again."""

    mailed: bool
    pay_link: str | UnsetType = UNSET
