"""The shapes of an invoice, on the wire and in the program. Amounts are whole numbers of minor units (cents)."""

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field, to_builtins

from lambdas.invoices.currencies import CODES
from lambdas.runtime.ids import GeneratedId, OrderId

CAFE = "cafe"
"""Whom an invoice for an order is paid to. Nobody can sign in under this name: Cognito makes up the names of a pool
whose users sign in with their e-mail address, and they are UUIDs."""

MAX_AMOUNT = 10**12

# `$` alone would accept a trailing new line.
Token = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{43}(?![\s\S])")]
"""256 bits in base64url, without padding."""

Description = Annotated[str, Meta(min_length=1, max_length=500)]
Amount = Annotated[int, Meta(ge=1, le=MAX_AMOUNT)]
Currency = Annotated[str, Meta(min_length=3, max_length=3, extra_json_schema={"enum": sorted(CODES)})]
Email = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+(?![\s\S])",
    ),
]
"""What HTML takes for an e-mail address, with a dot in its domain; whether it is one, only mail finds out."""

Method = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,31}(?![\s\S])")]
"""How somebody pays, as the payment provider calls it: `card`."""


class InvoiceStatus(StrEnum):
    """Where an invoice stands."""

    DRAFT = "draft"
    SENT = "sent"
    PAID = "paid"
    VOID = "void"


class InvoiceKey(Struct, frozen=True):
    """What names one invoice, in a path."""

    id: GeneratedId


class PaymentKey(Struct, frozen=True):
    """The end of the link that a payer gets."""

    token: Token


class NewInvoice(Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of `POST /invoices`. Without a `payerEmail` no mail is sent; `attachment` is the id of a photo."""

    description: Description
    amount: Amount
    currency: Currency
    payer_email: Email | UnsetType = UNSET
    order_id: OrderId | UnsetType = UNSET
    attachment: GeneratedId | UnsetType = UNSET


class InvoiceChanges(Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of `PATCH /invoices/{id}`: what is to be another."""

    description: Description | UnsetType = UNSET
    amount: Amount | UnsetType = UNSET
    payer_email: Email | UnsetType = UNSET
    attachment: GeneratedId | UnsetType = UNSET


class Payment(Struct, forbid_unknown_fields=True):
    """The body of `POST /pay/{token}`."""

    method: Method


class Invoice(Struct, kw_only=True, frozen=True, rename="camel"):
    """An invoice as those see it who may see all of it. Times are ms since 1970; one that is not yet is left out.

    `userId` is the payee; `customer` is whose order it is for, where it was made from one.
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
    """An invoice as it is kept."""

    entry: int = field(default=0, name="_entry")
    """The number of the ledger's entry that made it what it is: another one after each write."""
    link: str | UnsetType = field(default=UNSET, name="_link")
    """The digest of the token in the payer's link, once there is one."""

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
    """What whoever holds the link may see of an invoice: nothing of whom it is paid to but what they wrote."""

    description: str
    amount: int
    currency: str
    status: InvoiceStatus
    method: str | UnsetType = UNSET
    sent_at: int | UnsetType = field(default=UNSET, name="_sentAt")
    paid_at: int | UnsetType = field(default=UNSET, name="_paidAt")


class SentInvoice(Invoice, kw_only=True, frozen=True):
    """The answer to `POST /invoices/{id}/send`: the invoice, and whether the payer was sent a mail. If not, the link is
    here, to be handed over in another way; it is nowhere else, and is not told again."""

    mailed: bool
    pay_link: str | UnsetType = UNSET
