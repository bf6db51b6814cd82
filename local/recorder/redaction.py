"""Removes secrets from what was recorded, before anything else sees it.

JSON is read, also JSON in strings, and the values of members with secret names are replaced. All other text, and what
was cut, is searched for the ways in which secrets are written. When in doubt, too much is removed. All names are
matched as parts of longer names: `password` also in `NewPassword`.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

REDACTED = "[redacted]"

SECRET_NAMES = (
    "access_?key_?id",
    "api-?key",
    "authorization",
    "client_?secret",
    "code_?verifier",
    "confirmation_?code",
    "cookie",
    "credential",
    "log-result",  # may start in the middle of a line; the log is recorded with the call
    "mfa_?code",
    "origin-?key",
    "passphrase",
    "password",
    "plaintext",
    "private_?key",
    "secret",
    "session",  # also the answer to a challenge of Cognito's
    "signature",
    "subprotocol",
    "sec-websocket-protocol",
    "token",
    "user_?code",
)
"""Parts of names whose values are secret."""

NAME = rf"[\w.$-]{{0,64}}(?:{'|'.join(SECRET_NAMES)})[\w.$-]{{0,64}}"
"""Limited, so that no text takes long."""

IS_SECRET = re.compile(NAME, re.IGNORECASE)

NAMED = (("Name", "Value"), ("name", "value"), ("Key", "Value"), ("key", "value"), ("HeaderName", "HeaderValue"))
"""Members that tell the name of a value."""

MOST_NESTED = 20
"""How deep JSON is read."""

MEMBER = re.compile(rf'(?<!\\)(?P<quote>\\*")(?P<name>{NAME})(?P=quote)\s*:\s*', re.IGNORECASE)
"""The start of a member of JSON that was cut, or stands in other text, perhaps within strings."""

BEFORE = re.compile(r'(?:\[\s*|\{\s*\\*"\w{1,16}\\*"\s*:\s*){0,3}')
"""What can stand before a value: a list, or a type of DynamoDB's."""

QUOTE = re.compile(r'(?<!\\)(\\*)"')
BRACKET = re.compile(r'["\[\]{}]')
SCALAR = re.compile(r"[\w.+-]*")

# A space in a form, encoded once or more often.
SPACE = r"(?:\+|%(?:25)*(?:20|2B))?"

# The end of a line, also in a string of JSON.
LINE = r"(?:\\r\\n|\r?\n)"

ANY_CASE = (
    # JSON in a form or an address, percent-encoded once or more often.
    rf"(?P<quote>%(?:25)*22){NAME}(?P=quote){SPACE}%(?:25)*3A{SPACE}(?P=quote)(?P<value>.*?)(?:(?<!%5C)(?P=quote)|\Z)",
    # A field of a multipart form.
    rf"name=\\*[\"']?{NAME}\\*[\"']?(?:{LINE}[^\r\n\\]{{1,200}}){{0,4}}{LINE}{{2}}(?P<value>.*?)(?={LINE}--|\Z)",
    # An XML element. CloudFront's headers for an origin are secret, too.
    rf"<(?:\w{{1,20}}:)?(?:{NAME}|HeaderValue)(?:\s[^>]{{0,200}})?>(?P<value>.*?)(?:</|\Z)",
    # A header with more than one value.
    r"\b(?:set-)?cookie\s*:\s*(?P<value>[^\r\n\"]+)",
    r"\b(?:Bearer\s+|AWS4-HMAC-SHA256\s+(?=Credential))(?P<value>[\w+/.~=-]{8,}[^\"\\\r\n]*)",
    r"\bBasic\s+(?P<value>[A-Za-z0-9+/]{8,}={0,2})(?=[\s\"'\\]|\Z)",
    # `name=value`, `name: value` and `'name': 'value'` in forms, addresses, log lines; not the name of an exception.
    rf"(?<![\w.$-]){NAME}(?<!Error)(?<!Exception)(?<!DoesNotMatch)['\"]?(?:\]|%5D)?\s*(?:=|:|%(?:25)*3D)\s*(?P<value>\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)|[^\s&\"']+)",
    r"\bpassword\W{1,5}is\W{1,5}(?P<value>\S+)",
    # What is exchanged for tokens at the hosted sign-in, and what is mailed.
    r"(?<![\w-])code(?:=|%(?:25)*3D)(?P<value>[^&\s\"\\]{8,})",
    r"\bcode\W{1,20}(?:is\W{1,5})?(?<!\d)(?P<value>\d{6})(?!\d)",
    r"://[^/\s:@]{1,100}:(?P<value>[^/\s@]{1,200})@",
    # The café's payment links.
    r"(?:/|%(?:25)*2F)pay(?:\.html)?(?:/|#|%(?:25)*2F|%(?:25)*23)(?P<value>[\w-]{8,})",
    # How live updates are authorized.
    r"\bheader-(?P<value>[\w+/=-]{16,})",
)
EXACT = (
    # A value beside its name, and a body that is in Base64.
    rf'"(?:[Nn]ame|[Kk]ey)"\s*:\s*"(?i:{NAME})"\s*,\s*"[Vv]alue"\s*:\s*"(?P<value>[^"]*)',
    r'"body"\s*:\s*"(?P<value>[A-Za-z0-9+/=]{16,})(?:"|\Z)',
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?P<value>.*?)(?:-----END|\Z)",
    # A JSON Web Token, or other JSON in Base64.
    r"(?P<value>eyJ[\w+/-]{8,}[\w.+/=-]*)",
    r"(?<![A-Za-z0-9])(?P<value>e[wy][Aog][\w+/-]{12,}[\w+/=-]*)",
    # A display's token, and 256 random bits in general.
    r"(?P<value>display\.[0-9a-f]{16}\.[0-9a-f]{1,64})",
    r"(?:(?<![\w-])|(?<=\\[nrt])|(?<=%[0-9A-F]{2}))(?P<value>(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{43})(?![\w-])",
)
"""Ways in which secrets are written, in the order in which they are looked for."""

PATTERNS = [
    *(re.compile(pattern, re.IGNORECASE | re.DOTALL) for pattern in ANY_CASE),
    *(re.compile(pattern, re.DOTALL) for pattern in EXACT),
]

SUSPICIOUS = re.compile(
    r"[=:<>%]|e[wy][JAog]|display\.|pay|header-|code|bearer|basic|aws4|password|private key|[\w-]{43}", re.IGNORECASE
)
"""Only text with one of these can have a secret."""


def redacted(text: str, *names: str) -> str:
    """The text without secrets, and without the values of members that have these names, too."""
    value, is_json = _read(text)
    if not is_json:
        return _without_secrets(text)
    clean = _clean(value, frozenset(names), MOST_NESTED)
    # JSON can have half characters, such as half of an emoji, which cannot be sent on.
    return text if clean == value else json.dumps(clean, ensure_ascii=False).encode(errors="replace").decode()


def redacted_lines(text: str) -> str:
    """The text without secrets, with lines that can be JSON, such as a log."""
    return redacted("\n".join(map(redacted, text.split("\n"))))


def _read(text: str) -> tuple[Any, bool]:
    """The value of JSON, and whether the text is some."""
    if text.lstrip()[:1] not in ("{", "["):
        return None, False
    try:
        return json.loads(text, object_pairs_hook=_object), True
    except (ValueError, RecursionError):
        return None, False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object. Raises `ValueError` for a repeated name, of which only the last would be seen."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("repeated name")
    return found


def _clean(value: Any, names: frozenset[str], depth: int) -> Any:
    if not depth:
        return REDACTED
    if isinstance(value, str):
        inner, is_json = _read(value)
        if not is_json:
            return _without_secrets(value)
        clean = _clean(inner, names, depth - 1)
        return value if clean == inner else json.dumps(clean, ensure_ascii=False)
    if isinstance(value, list):
        return [_clean(each, names, depth - 1) for each in value]
    if isinstance(value, dict):
        secret = {it for name, it in NAMED if IS_SECRET.search(str(value.get(name)))}
        if value.get("isBase64Encoded") is True:
            secret.add("body")
        return {
            _without_secrets(name): REDACTED
            if it not in (None, "", True, False) and (name in secret or name in names or IS_SECRET.search(name))
            else _clean(it, names, depth - 1)
            for name, it in value.items()
        }
    return value


def _without_secrets(text: str) -> str:
    """Text that is no JSON, or was cut, without secrets."""
    if not SUSPICIOUS.search(text):
        return text
    text = _without_members(text)
    for pattern in PATTERNS:
        text = pattern.sub(_without_value, text)
    return text


def _without_members(text: str) -> str:
    """Text without the values of JSON's members with secret names."""
    parts, done = [], 0
    while found := MEMBER.search(text, done):
        before = BEFORE.match(text, found.end())
        start = before.end() if before else found.end()
        level = len(found["quote"]) - 1
        if found["quote"] == '"' and text[found.end() : found.end() + 1] in ("[", "{"):
            start = found.end()
            end = _end_of_container(text, start)
        elif text.startswith(found["quote"], start):
            start += level + 1
            end = _end_of_string(text, start, level)
        else:
            scalar = SCALAR.match(text, start)
            end = scalar.end() if scalar and scalar[0] not in ("null", "true", "false") else start
        parts += [text[done:start], REDACTED if end > start else ""]
        done = max(end, found.end())
    return "".join([*parts, text[done:]])


def _end_of_container(text: str, start: int) -> int:
    """Where a list or an object ends."""
    depth, done = 0, start
    while found := BRACKET.search(text, done):
        done = found.end()
        if found[0] == '"':
            done = _end_of_string(text, done, 0) + 1
        else:
            depth += 1 if found[0] in "[{" else -1
            if not depth:
                return done
    return len(text)


def _end_of_string(text: str, start: int, level: int) -> int:
    """Where a string ends whose quotes have `level` backslashes. Each level doubles the backslashes and adds one to a
    quote, so quotes within have more, and a backslash at its end has a multiple of them."""
    for found in QUOTE.finditer(text, start):
        if len(found[1]) % (2 * level + 2) == level:
            return found.end() - level - 1
    return len(text)


def _without_value(found: re.Match[str]) -> str:
    start, end = found.span("value")
    if start == end or found["value"] == REDACTED:
        return found[0]
    return f"{found[0][: start - found.start()]}{REDACTED}{found[0][end - found.start() :]}"


def redacted_headers(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Headers as lines, without secrets."""
    return "\n".join(_header(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def _header(name: str, value: str) -> str:
    return f"{name}: {REDACTED if IS_SECRET.search(name) else redacted(value)}"
