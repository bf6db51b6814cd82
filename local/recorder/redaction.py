"""Removes secrets from what was recorded, before anything else sees it.

It works on text, because payloads are nested: JSON in JSON strings, in forms, in log lines. When in doubt, it removes
too much. All names are matched as parts of longer names: `password` also in `NewPassword`.
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote_plus

REDACTED = "[redacted]"

SECRET_NAMES = (
    "access_?key_?id",
    "api-?key",
    "authorization",
    "client_?secret",
    "confirmation_?code",
    "cookie",
    "credential",
    "newcode",
    "origin-?key",
    "passphrase",
    "password",
    "private_?key",
    "secret",
    "session",
    "signature",
    "token",
)
"""Parts of names whose values are secret. `session` is also the answer to a challenge of Cognito's."""

NAME = rf"[\w.$-]{{0,64}}(?:{'|'.join(SECRET_NAMES)})[\w.$-]{{0,64}}"
"""Limited, so that no text takes long."""

QUOTED = re.compile(
    rf"""(?<!\\)(?P<quote>\\*")(?P<name>{NAME})(?P=quote)\s*:\s*
    (?:\[\s*|\{{\s*(?P=quote)S(?P=quote)\s*:\s*|\{{[^{{}}]*?StringValue(?P=quote)\s*:\s*)?
    (?P=quote)(?P<value>.*?)(?:(?<!\\)(?P=quote)|\Z)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
"""A JSON member, also escaped in a string, with a string, a list that starts with one, or a typed value of DynamoDB or
SQS. A quote inside the value has more backslashes than those around it."""

WRITTEN = re.compile(rf"(?P<name>\b{NAME})(?P<sign>\s*(?:=|%3D|:)\s*)(?P<value>[^\s&\"'<>,;)}}\\]+)", re.IGNORECASE)
"""`name=value` in forms, addresses and text."""

ELEMENT = re.compile(rf"<(?P<name>{NAME}|HeaderValue)>(?P<value>[^<]*)", re.IGNORECASE)
"""An XML element. CloudFront's headers for an origin are secret, too."""

PART = re.compile(rf'name="{NAME}"(?:\r\n[^\r\n]+)*\r\n\r\n(?P<value>.*?)(?=\r\n--|\Z)', re.IGNORECASE | re.DOTALL)
"""A field of a multipart form."""

GRANT = re.compile(r"(?<![\w-])code(?:_verifier)?=(?P<value>[^&\s\"\\]+)")
"""What is exchanged for tokens at the hosted sign-in."""

KEY = re.compile(r'"value"\s*:\s*"(?P<value>[^"]*)')
"""The value of an API key, in API Gateway's answers about keys."""

TOKEN = re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]*)*")
"""A JSON Web Token, or the start of one."""

OWN_TOKENS = re.compile(
    r"\bdisplay\.[0-9a-f]{16}\.[0-9a-f]{64}|(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[\w-]{43}(?![\w-])"
)
"""A display's token, and 256 random bits as those of payment links."""

BEARER = re.compile(r"\b(Bearer|Basic|AWS4-HMAC-SHA256)\s+[^\s\"\\,][^\"\\]*", re.IGNORECASE)

SUBPROTOCOL = re.compile(r"\bheader-[\w+/=-]{16,}")
"""How live updates are authorized."""

CODE = re.compile(r"(\bcode\W{1,20}(?:is\W{1,5})?)(?<!\d)(\d{6})(?!\d)", re.IGNORECASE)
"""A code for confirming an address or a new password."""

ENCODED = re.compile(r"%(?:25)*22", re.IGNORECASE)
"""A quote, percent-encoded at least once."""

MOST_ENCODED = 3
"""How often text may be encoded."""

OPAQUE = frozenset(("set-cookie", "cookie", "authorization", "proxy-authorization", "sec-websocket-protocol"))
"""Headers whose values are secret as a whole, whatever they are."""

SECRET_NAME = re.compile(NAME, re.IGNORECASE)


def redacted(text: str) -> str:
    """The text without secrets. JSON in a form or an address comes out decoded."""
    for _ in range(MOST_ENCODED):
        if ENCODED.search(text):
            text = unquote_plus(text)
    text = QUOTED.sub(_without_value, text)
    text = TOKEN.sub(REDACTED, text)
    text = OWN_TOKENS.sub(REDACTED, text)
    text = BEARER.sub(rf"\1 {REDACTED}", text)
    text = ELEMENT.sub(_without_value, text)
    text = PART.sub(_without_value, text)
    text = GRANT.sub(_without_value, text)
    text = WRITTEN.sub(_without_value, text)
    text = SUBPROTOCOL.sub(f"header-{REDACTED}", text)
    return CODE.sub(rf"\1{REDACTED}", text)


def without_keys(text: str) -> str:
    """A request or an answer of API Gateway about API keys without their values."""
    return KEY.sub(_without_value, text)


def _without_value(found: re.Match[str]) -> str:
    start, end = found.span("value")
    whole, first = found[0], found.start()
    return f"{whole[: start - first]}{REDACTED}{whole[end - first :]}" if start < end else whole


def redacted_headers(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Headers as lines, without secrets."""
    return "\n".join(_header(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def _header(name: str, value: str) -> str:
    is_secret = name.lower() in OPAQUE or SECRET_NAME.fullmatch(name)
    return f"{name}: {REDACTED if is_secret else redacted(value)}"
