"""Decoding a base64 picture in a form."""

import base64
import binascii
import re

from lambdas.photos.models import MAX_FORM_BYTES
from lambdas.runtime.errors import FieldError, Refusal

DATA_URL = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)
"""The prefix of a base64 data URL (RFC 2397). Its content type is not trusted, and therefore ignored."""

MAX_ENCODED = (MAX_FORM_BYTES + 2) // 3 * 4
"""The length of the largest photo as base64."""


def decode(text: str) -> bytes:
    """Decode base64, plain or in a data URL. Raises `Refusal` if it is invalid, empty or too large."""
    prefix = DATA_URL.match(text)
    encoded = text[prefix.end() :] if prefix else text
    if len(encoded) > MAX_ENCODED:
        raise _too_large(f"at least {len(encoded) // 4 * 3 - 2:,}")
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _wrong(f"not base64: {error}") from None
    if not content:
        raise _wrong("empty")
    if len(content) > MAX_FORM_BYTES:
        raise _too_large(f"{len(content):,}")
    return content


def _wrong(problem: str) -> Refusal:
    return Refusal("invalid", "Invalid request body.", errors=[FieldError("photo", problem)])


def _too_large(size: str) -> Refusal:
    return Refusal("too_large", f"`photo` has {size} bytes; the maximum is {MAX_FORM_BYTES:,}.")
