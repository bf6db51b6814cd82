"""A record as people read it: without secrets, and with the terms of AWS."""

import re
import sys
from functools import lru_cache

import msgspec

from ..functions import GENERATED, module_of
from .raw import Kind, Payload, Raw, Verdict
from .redaction import redacted, redacted_headers, redacted_lines

API_HOST = re.compile(r"([0-9a-f]{8})\.execute-api\.localhost")
API_PATH = re.compile(r"/_aws/execute-api/([0-9a-f]{8})(/[^?]*)")
SITE_HOST = re.compile(r"[a-z0-9]+\.cloudfront\.localhost")
TARGET = re.compile(r"(?:\w+_)?(\w+?)(?:_?\d{8})?\.(\w+)")
"""`X-Amz-Target` of the JSON protocols: `DynamoDB_20120810.PutItem`."""

CALL = "call"
"""The kind of a record of a request to a service of AWS."""

ID_CHARACTERS = "A-Za-z0-9._-"
"""What an order's ID can have."""


OVERHEAD_BYTES, VERDICT_BYTES = 2048, 4096
"""What a record takes besides its texts, about."""

TOKEN_CHARACTERS = 128
"""The longest token that is recognized only as a whole."""

LAST_WORD = re.compile(r"[\w.%+/=-]*\Z")

API_KEYS = "/apikeys"
"""The path of API Gateway's requests about API keys."""

FAILED_STATUS = 400


class Record(msgspec.Struct, frozen=True):
    """One thing that happened. Times are in ms."""

    id: int
    kind: str
    """A `Kind`, or `call` for a request to a service of AWS."""
    at: float
    ms: float
    parent: int
    title: str
    """What happened: `POST /orders`, `dynamodb:PutItem`, `create_order`."""
    target: str
    """What it concerned: an ARN, the ID of an API or a distribution, a function's module, a channel."""
    path: str
    """A request's path and query."""
    status: int
    is_ok: bool
    request: str
    answer: str
    headers: str
    answer_headers: str
    log: str
    error: str
    traceback: str
    is_cold: bool
    ids: tuple[str, ...]
    received: tuple[str, ...]
    """The IDs of the messages and changes that an invocation got."""
    carried: str
    passed: str
    caller: str
    """The role that made a call; empty for the root credentials."""
    verdicts: tuple[Verdict, ...]

    def mentions(self, id_: str) -> bool:
        """Whether it contains an ID, also within a path or an ARN, but not as a part of a longer ID."""
        return any(id_ in text and whole(id_).search(text) for text in self.texts())

    def failed(self) -> tuple[str, ...]:
        """The IDs of the messages and changes that a failed invocation could not handle: all, unless it says which."""
        try:
            failures = msgspec.json.decode(self.answer)["batchItemFailures"]
            return tuple(it["itemIdentifier"] for it in failures) or self.received
        except (msgspec.DecodeError, LookupError, TypeError):
            return self.received

    def texts(self) -> tuple[str, ...]:
        """Where an ID can be."""
        return (self.request, self.answer, self.title, self.target, self.path, self.log, self.error)

    def size(self) -> int:
        """How much memory it takes, about."""
        texts = (*self.texts(), self.headers, self.answer_headers, self.traceback, *self.ids, *self.received)
        return OVERHEAD_BYTES + sum(map(sys.getsizeof, texts)) + VERDICT_BYTES * len(self.verdicts)


@lru_cache(maxsize=1024)
def whole(id_: str) -> re.Pattern[str]:
    """Finds an ID that is not a part of a longer one. A full stop can follow it."""
    return re.compile(rf"(?<![{ID_CHARACTERS}]){re.escape(id_)}(?![A-Za-z0-9_-]|\.[A-Za-z0-9])")


def read(raw: Raw) -> Record:
    """The record of what was sent."""
    kind, title, target = _about(raw)
    denied = any(not verdict.is_allowed for verdict in raw.verdicts)
    return Record(
        id=raw.id,
        kind=kind,
        at=raw.at * 1000,
        ms=raw.seconds * 1000,
        parent=raw.parent,
        title=title if kind == CALL else redacted(title),
        target=target if target.startswith("arn:") else redacted(target),
        path=redacted(raw.name) if raw.kind is Kind.REQUEST else "",
        status=raw.status,
        is_ok=not (raw.error or denied or _is_failure(raw)),
        request=_text(raw.request, raw.name),
        answer=_text(raw.answer, raw.name),
        headers=redacted_headers(raw.headers),
        answer_headers=redacted_headers(raw.answer_headers),
        log=redacted_lines(raw.log),
        error=redacted(_error(raw)),
        traceback=redacted(raw.traceback),
        is_cold=raw.is_cold,
        ids=tuple(raw.ids),
        received=tuple(raw.received),
        carried=raw.carried,
        passed=raw.passed,
        caller=next((verdict.principal for verdict in raw.verdicts if verdict.principal), ""),
        verdicts=tuple(raw.verdicts),
    )


def _about(raw: Raw) -> tuple[str, str, str]:
    """Kind, title and target."""
    match raw.kind:
        case Kind.REQUEST:
            return _request(raw)
        case Kind.INVOCATION:
            return raw.kind, module_of(raw.name), module_of(raw.name)
        case Kind.TASK:
            return raw.kind, raw.name.rpartition(":::")[2], raw.name
        case Kind.STREAM:
            return raw.kind, f"{_event_name(raw.request.content)} in the stream of {_last(raw.name)}", raw.name
        case Kind.LIVE:
            return raw.kind, f"event on {raw.name}", raw.name
        case Kind.MAIL:
            return raw.kind, f"mail: {raw.name}", "mail"
        case _:
            return raw.kind, f"message to {_last(raw.name)}", raw.name


def _request(raw: Raw) -> tuple[str, str, str]:
    host = raw.host.partition(":")[0]
    path = raw.name.partition("?")[0]
    if found := API_HOST.fullmatch(host):
        return Kind.REQUEST, f"{raw.method} {_without_stage(path)}", found[1]
    if found := API_PATH.match(raw.name):
        return Kind.REQUEST, f"{raw.method} {_without_stage(found[2])}", found[1]
    headers = {name.lower(): value.decode("latin-1") for name, value in raw.headers}
    operation = TARGET.fullmatch(headers.get(b"x-amz-target", "")[:128])
    if raw.verdicts and raw.verdicts[0].action:
        action, resource = raw.verdicts[0].action, raw.verdicts[0].resource
        # Of a transaction, IAM is asked about each part.
        return CALL, f"{action.partition(':')[0]}:{operation[2]}" if operation else action, resource
    if operation:
        return CALL, f"{operation[1]}:{operation[2]}", ""
    if SITE_HOST.fullmatch(host):
        return Kind.REQUEST, f"{raw.method} {path}", host
    return Kind.REQUEST, f"{raw.method} {path}", f"{raw.host}"


def _without_stage(path: str) -> str:
    return f"/{path.lstrip('/').partition('/')[2]}"


def _is_failure(raw: Raw) -> bool:
    """Whether a request failed. A condition that does not hold is an answer: conditional writes are made for it."""
    return raw.kind is Kind.REQUEST and (
        not raw.status or (raw.status >= FAILED_STATUS and b"ConditionalCheckFailed" not in raw.answer.content)
    )


def _error(raw: Raw) -> str:
    """What failed, with the exception: functions log `record failed` with the exception beside it."""
    exception = raw.traceback.strip().rpartition("\n")[2]
    return raw.error if exception in raw.error else f"{raw.error}: {exception}"


def _last(arn: str) -> str:
    """The name at the end of an ARN, without its generated suffix."""
    return GENERATED.sub("", arn.rpartition(":")[2].rpartition("/")[2])


def _event_name(content: bytes) -> str:
    found = re.search(rb'"eventName":\s*"(\w+)"', content)
    return found[1].decode() if found else "change"


def _text(payload: Payload, about: str) -> str:
    """A payload as text: without secrets, and saying what was cut. `about` is the record's name."""
    if b"\0" in payload.content:
        return f"[binary: {payload.size:,} bytes]"
    try:
        text = payload.content.decode()
    except UnicodeDecodeError as error:
        if error.start < len(payload.content) - 4:
            return f"[binary: {payload.size:,} bytes]"
        text = payload.content[: error.start].decode()  # cut within a character
    cut = payload.size - len(payload.content)
    if cut > 0:
        # A token that was cut is not recognized.
        whole_words = text[:-TOKEN_CHARACTERS] + LAST_WORD.sub("", text[-TOKEN_CHARACTERS:])
        return f"{redacted(whole_words)}\n[cut: {cut:,} bytes more]"
    return redacted(text, *(("value",) if about.startswith(API_KEYS) else ()))
