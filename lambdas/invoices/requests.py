"""What a request's path says about invoices. What could name none is a `Refusal`, the same as for one that is not
there."""

from typing import TypeVar

import msgspec
from msgspec import Struct

from lambdas.errors import Refusal
from lambdas.http import Request
from lambdas.invoices.models import InvoiceKey, PaymentKey
from lambdas.invoices.service import MISSING

Key = TypeVar("Key", bound=Struct)


def invoice_id(request: Request) -> str:
    """The id in `/invoices/{id}`."""
    return _key({"id": request.parameter("id")}, InvoiceKey).id


def token(request: Request) -> str:
    """The token in `/pay/{token}`."""
    return _key({"token": request.parameter("token")}, PaymentKey).token


def _key(parameters: dict[str, str], type: type[Key]) -> Key:
    try:
        return msgspec.convert(parameters, type)
    except msgspec.ValidationError:
        raise Refusal("missing", MISSING) from None
