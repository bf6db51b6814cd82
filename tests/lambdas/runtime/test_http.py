import base64
import json
import re
from http import HTTPStatus
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from lambdas.orders.models import OrderKey
from lambdas.runtime.caller import Caller
from lambdas.runtime.errors import FieldError, Reason, Refusal
from lambdas.runtime.http import MAX_BODY_BYTES, STATUS, TITLES, Request, Response, endpoint, problem
from tests.lambdas.builders import ANN, SAM_WITH_DELETE, an_order, api_event
from tests.lambdas.fakes import FakeContext


class Note(Struct, forbid_unknown_fields=True):
    text: str


class Notes(Struct):
    notes: list[Note]


def answering(response):
    return endpoint(lambda request: response)


def raising(error):
    def answer(request):
        raise error

    return endpoint(answer)


@endpoint
def echo(request):
    return Response(body={"length": len(request.body(Note).text)})


def assert_is_problem(answer, status):
    document = json.loads(answer["body"])
    assert answer["statusCode"] == status
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
    assert document["status"] == status
    assert document["title"] == TITLES.get(HTTPStatus(status), HTTPStatus(status).phrase)
    assert document["type"]
    assert document["detail"]
    return document


class TestAnswer:
    def test_is_json_by_default(self, context):
        answer = answering(Response(body={"a": ["\u00e9", 1, None]}))(api_event(), context)

        assert answer["statusCode"] == 200
        assert answer["headers"]["Content-Type"] == "application/json"
        assert json.loads(answer["body"]) == {"a": ["\u00e9", 1, None]}

    def test_writes_orders_with_the_names_of_the_contract(self, context):
        answer = answering(Response(body=[an_order("7")]))(api_event(), context)

        assert json.loads(answer["body"])[0]["_createdAt"] == an_order("7").created_at

    def test_sends_text_unchanged(self, context):
        answer = answering(Response(body="<p>", headers={"Content-Type": "text/html"}))(api_event(), context)

        assert (answer["body"], answer["headers"]["Content-Type"]) == ("<p>", "text/html")

    def test_no_content_has_no_body(self, context):
        answer = answering(Response(HTTPStatus.NO_CONTENT))(api_event(), context)

        assert (answer["statusCode"], answer["body"]) == (204, "")

    @pytest.mark.parametrize("status", [HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT])
    def test_can_be_read_from_any_origin_and_is_not_cached(self, context, status):
        headers = answering(Response(status, headers={"Location": "/dev/orders/ann/7"}))(api_event(), context)[
            "headers"
        ]

        assert headers["Access-Control-Allow-Origin"] == "*"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Location"] == "/dev/orders/ann/7"

    @pytest.mark.parametrize("header", ["ETag", "Link", "Location", "Retry-After"])
    def test_exposes_its_headers_to_other_origins(self, context, header):
        headers = answering(Response())(api_event(), context)["headers"]

        assert header in headers["Access-Control-Expose-Headers"].split(", ")

    def test_is_valid_for_the_gateway(self, context):
        answer = answering(Response(HTTPStatus.CREATED, an_order()))(api_event(), context)

        assert answer == json.loads(json.dumps(answer))
        assert all(isinstance(value, str) for value in answer["headers"].values())
        assert isinstance(answer["body"], str)


class TestRefusal:
    @pytest.mark.parametrize(
        ("reason", "status"),
        [
            ("invalid", 400),
            ("unauthorized", 401),
            ("forbidden", 403),
            ("missing", 404),
            ("conflict", 409),
            ("changed", 412),
            ("too_large", 413),
            ("throttled", 429),
            ("unavailable", 503),
        ],
    )
    def test_becomes_a_problem(self, context, reason, status):
        document = assert_is_problem(raising(Refusal(reason, "Not so."))(api_event(), context), status)

        assert document["detail"] == "Not so."
        assert "errors" not in document

    def test_has_a_status_for_every_reason(self):
        assert set(STATUS) == set(get_args(Reason))

    def test_names_the_invalid_fields(self, context):
        refusal = Refusal("invalid", "Not so.", errors=[FieldError("items[0].qty", "too many")])

        document = assert_is_problem(raising(refusal)(api_event(), context), 400)

        assert document["errors"] == [{"field": "items[0].qty", "problem": "too many"}]

    def test_contains_extra_fields(self, context):
        refusal = Refusal("conflict", "Another step.", extra={"challenge": "SMS_MFA", "session": "abc"})

        document = assert_is_problem(raising(refusal)(api_event(), context), 409)

        assert (document["challenge"], document["session"]) == ("SMS_MFA", "abc")

    @pytest.mark.parametrize("reason", ["throttled", "unavailable"])
    def test_contains_a_retry_after_header(self, context, reason):
        answer = raising(Refusal(reason, "Not now.", retry_after=60))(api_event(), context)

        assert answer["headers"]["Retry-After"] == "60"

    @pytest.mark.parametrize(("reason", "metric"), [("throttled", "Refusals"), ("unavailable", "Failures")])
    def test_counts_as_a_failure_if_it_is_ours(self, context, logs, reason, metric):
        raising(Refusal(reason, "Not now."))(api_event(), context)

        assert logs.counts() == {metric: 1, (metric, reason): 1}

    def test_is_not_logged_as_an_error(self, context, logs):
        raising(Refusal("missing", "Not there."))(api_event(), context)

        assert [line["level"] for line in logs.lines()] == ["INFO"]


@pytest.mark.parametrize("path", ["/orders/", "/orders/ann/7/", "/authenticate/"])
def test_a_trailing_slash_is_a_404(context, path):
    """API Gateway passes such a request on as if it had none."""
    document = assert_is_problem(answering(Response())({**api_event(), "path": path}, context), 404)

    assert "must not end with a slash" in document["detail"]


class TestFailure:
    SECRET = "no such table: cafe-orders-1234 of bob@example.com"

    @pytest.mark.parametrize("error", [RuntimeError, KeyError, ValueError, ConnectionError, RecursionError, OSError])
    def test_reveals_nothing_to_the_client(self, context, error):
        answer = raising(error(self.SECRET))(api_event(), context)

        assert_is_problem(answer, 500)
        for secret in (self.SECRET, "bob@example.com", error.__name__, "Traceback", __file__):
            assert secret not in json.dumps(answer)

    def test_is_logged_with_its_traceback(self, context, logs):
        raising(RuntimeError(self.SECRET))(api_event(), context)

        [failed] = [line for line in logs.lines() if line["level"] == "ERROR"]
        assert self.SECRET in failed["exception"]
        assert "Traceback" in failed["exception"]
        assert failed["exception_name"] == "RuntimeError"

    def test_does_not_affect_the_next_call(self, context):
        outcomes = iter([RuntimeError("once"), Response()])

        @endpoint
        def answer(request):
            outcome = next(outcomes)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        assert [answer(api_event(), context)["statusCode"] for _ in range(2)] == [500, 200]


class TestLog:
    BODY = json.dumps({"text": "my card is 4111 1111 1111 1111"})
    TOKEN = "Bearer eyJhbGciOiJSUzI1NiJ9.payload.signature"

    @pytest.mark.parametrize(
        ("answer", "status"),
        [
            pytest.param(echo, 200, id="a response"),
            pytest.param(raising(Refusal("missing", "Not there.")), 404, id="a refusal"),
            pytest.param(raising(RuntimeError("broken")), 500, id="a failure"),
        ],
    )
    def test_contains_the_status_and_the_ids_of_every_call(self, context, logs, answer, status):
        answer(api_event("POST", body=self.BODY), context)

        last = logs.lines()[-1]
        assert (last["status"], last["level"]) == (status, "INFO")
        assert last["function_request_id"] == context.aws_request_id
        assert last["correlation_id"] == "request-1"
        assert last["duration_ms"] >= 0

    @pytest.mark.parametrize(
        ("answer", "body"),
        [
            pytest.param(echo, BODY, id="a response"),
            pytest.param(echo, BODY[:-3], id="not JSON"),
            pytest.param(echo, json.dumps({"texts": "4111 1111"}), id="an unknown field"),
            pytest.param(echo, json.dumps({"text": ["4111 1111"]}), id="a wrong type"),
            pytest.param(raising(RuntimeError("broken")), BODY, id="a failure"),
        ],
    )
    def test_contains_neither_body_nor_token(self, context, logs, answer, body):
        event = api_event("POST", body=body, headers={"Authorization": self.TOKEN, "Cookie": "session=secret"})

        answer(event, context)

        text = logs.text()
        assert "status" in text
        for secret in ("4111", "eyJhbGci", "signature", "session=secret"):
            assert secret not in text

    def test_has_a_correlation_id_per_call(self, context, logs):
        for number in ("request-1", "request-2"):
            event = api_event()
            event["requestContext"]["requestId"] = number
            answering(Response())(event, context)

        assert [line["correlation_id"] for line in logs.lines()] == ["request-1", "request-2"]


class TestBody:
    def test_is_read(self, context):
        assert json.loads(echo(api_event("POST", body={"text": "abc"}), context)["body"]) == {"length": 3}

    def test_can_be_base64_encoded(self, context):
        body = base64.b64encode('{"text": "\u00e9\U0001f950"}'.encode()).decode()

        answer = echo(api_event("POST", body=body, isBase64Encoded=True), context)

        assert json.loads(answer["body"]) == {"length": 2}

    @pytest.mark.parametrize("character", ["x", "\u00e9", "\U0001f950"], ids=["1 byte", "2 bytes", "4 bytes"])
    @pytest.mark.parametrize("in_base64", [False, True], ids=["plain", "base64"])
    @pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 413)], ids=["at the limit", "one byte more"])
    def test_can_have_up_to_64_kib(self, context, character, in_base64, more, status):
        frame = len('{"text":""}')
        size = MAX_BODY_BYTES - frame + more
        width = len(character.encode())
        body = json.dumps(
            {"text": character * (size // width) + "x" * (size % width)}, ensure_ascii=False, separators=(",", ":")
        )
        assert len(body.encode()) == 64 * 1024 + more
        if in_base64:
            body = base64.b64encode(body.encode()).decode()

        answer = echo(api_event("POST", body=body, isBase64Encoded=in_base64), context)

        assert answer["statusCode"] == status

    def test_that_is_too_large_is_a_problem(self, context):
        assert_is_problem(echo(api_event("POST", body="x" * 10_000_000), context), 413)

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(None, id="none"),
            pytest.param("", id="empty"),
            pytest.param("{", id="truncated"),
            pytest.param("null", id="null"),
            pytest.param("text=abc", id="a form"),
            pytest.param("\ud800", id="a lone surrogate"),
            pytest.param('{"text": "\ud800"}', id="a lone surrogate in a field"),
            pytest.param('{"text": "\\ud800"}', id="an escaped lone surrogate"),
            pytest.param('{"text": 1}', id="another type"),
            pytest.param('{"text": "a", "more": 1}', id="an unknown field"),
            pytest.param("\x00", id="a NUL character"),
            pytest.param("[" * 60_000, id="deeply nested"),
            pytest.param('{"text":' * 8_000, id="deeply nested field"),
            pytest.param("9" * 60_000, id="a huge number"),
        ],
    )
    def test_that_is_invalid_is_a_problem(self, context, body):
        assert_is_problem(echo(api_event("POST", body=body), context), 400)

    @pytest.mark.parametrize("body", ["a", "=", "abcde", "\u00e9", "\ud800"], ids=ascii)
    def test_that_is_invalid_base64_is_a_problem(self, context, body):
        assert_is_problem(echo(api_event("POST", body=body, isBase64Encoded=True), context), 400)

    @given(body=st.text(), in_base64=st.booleans())
    def test_of_any_content_returns_no_5xx(self, body, in_base64):
        body = base64.b64encode(body.encode()).decode() if in_base64 else body

        answer = echo(api_event("POST", body=body, isBase64Encoded=in_base64), FakeContext())

        assert answer["statusCode"] in (200, 400)

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            pytest.param({"notes": [{"text": "a"}, {"text": 1}]}, "notes[1].text", id="nested"),
            pytest.param({"notes": [{"text": "a", "x": 1}]}, "notes[0]", id="an unknown field"),
            pytest.param({"notes": 1}, "notes", id="top level"),
            pytest.param({}, "body", id="missing"),
            pytest.param([], "body", id="the whole body"),
        ],
    )
    def test_that_is_invalid_names_the_field(self, context, body, field):
        answer = endpoint(lambda request: Response(body=request.body(Notes)))(api_event("POST", body=body), context)

        [error] = assert_is_problem(answer, 400)["errors"]
        assert error["field"] == field
        assert error["problem"]
        assert "`$" not in error["problem"]


class TestRequest:
    @pytest.mark.parametrize("caller", [ANN, SAM_WITH_DELETE, Caller("\u00e9@example.com", frozenset({"a", "b"}))])
    def test_gets_its_caller_from_the_authorizer(self, caller):
        assert Request(api_event(caller=caller)).caller == caller._replace(correlation_id="request-1")

    @pytest.mark.parametrize("name", ["Content-Type", "content-type", "CONTENT-TYPE"])
    @pytest.mark.parametrize("requested", ["Content-Type", "content-type"])
    def test_finds_a_header_in_any_case(self, name, requested):
        assert Request(api_event(headers={name: "text/html"})).header(requested) == "text/html"

    @pytest.mark.parametrize("headers", [None, {}, {"Accept": None}], ids=["null", "empty", "a null header"])
    def test_returns_an_empty_string_for_a_missing_header(self, headers):
        assert Request(api_event(headers=headers)).header("Accept") == ""

    def test_joins_the_lines_of_a_repeated_header(self):
        event = api_event(headers={"If-None-Match": '"b"'}) | {"multiValueHeaders": {"If-None-Match": ['"a"', '"b"']}}

        assert Request(event).header("If-None-Match") == '"a", "b"'
        assert Request(event).has_seen("a")
        assert Request(event).has_seen("b")

    @pytest.mark.parametrize(("query", "found"), [(None, {}), ({}, {}), ({"limit": "5"}, {"limit": "5"})])
    def test_query(self, query, found):
        assert Request(api_event(query=query)).query() == found

    def test_stage(self):
        assert Request(api_event()).stage == "dev"

    @pytest.mark.parametrize(
        ("sent", "customer"),
        [
            pytest.param("ann", "ann", id="plain"),
            pytest.param("ann@example.com", "ann@example.com", id="unencoded"),
            pytest.param("ann%40example.com", "ann@example.com", id="percent-encoded"),
            pytest.param("ann+1@example.com", "ann+1@example.com", id="a plus is not a space"),
            pytest.param("%C3%A9%2F%E6%8A%92", "\u00e9/\u6292", id="non-ASCII"),
            pytest.param("x" * 128, "x" * 128, id="the longest name"),
        ],
    )
    def test_finds_the_key_of_the_order_in_the_path(self, sent, customer):
        # A REST API passes a path segment as the client sent it: https://github.com/serverless/serverless/issues/5037
        request = Request(api_event(parameters={"customer": sent, "id": "7"}))

        assert request.key(OrderKey) == OrderKey(customer, "7")

    @pytest.mark.parametrize("id", ["x" * 64, "AZaz09._-", "..."])
    def test_finds_every_valid_order_id(self, id):
        assert Request(api_event(parameters={"customer": "ann", "id": id})).key(OrderKey) == OrderKey("ann", id)

    @given(customer=st.text(), id=st.text())
    def test_arbitrary_paths_contain_a_valid_key_or_none(self, customer, id):
        request = Request(api_event(parameters={"customer": customer, "id": id}))
        try:
            found = request.key(OrderKey)
        except Refusal:
            return
        assert 1 <= len(found.customer) <= 128
        assert re.fullmatch("[A-Za-z0-9._-]{1,64}", found.id)


TAGS = [
    pytest.param("", None, id="no header"),
    pytest.param("*", None, id="any"),
    pytest.param('"a"', {"a"}, id="one"),
    pytest.param('"a", "b"', {"a", "b"}, id="two"),
    pytest.param('"a","b"', {"a", "b"}, id="two without a space"),
    pytest.param('W/"a"', set(), id="a weak tag"),
    pytest.param('W/"a", "b"', {"b"}, id="a weak and a strong tag"),
    pytest.param('""', {""}, id="an empty tag"),
    pytest.param("a", set(), id="without quotes"),
    pytest.param('"a', set(), id="an unterminated tag"),
]


@pytest.mark.parametrize(("header", "revisions"), TAGS)
def test_if_match_contains_the_expected_revisions(header, revisions):
    assert Request(api_event(headers={"If-Match": header})).if_match == revisions


def test_more_tags_than_dynamodb_compares_are_refused():
    tags = [f'"{n}"' for n in range(101)]

    assert len(Request(api_event(headers={"If-Match": ", ".join(tags[:100])})).if_match) == 100
    assert len(Request(api_event(headers={"If-Match": ", ".join(tags[:100] * 2)})).if_match) == 100
    with pytest.raises(Refusal, match=r"^If-Match has 101 entity tags; the maximum is 100\.$"):
        _ = Request(api_event(headers={"If-Match": ", ".join(tags)})).if_match


@pytest.mark.parametrize(
    ("header", "seen"),
    [("", False), ("*", True), ('"a"', True), ('W/"a"', True), ('"b", "a"', True), ('"b"', False), ("a", False)],
)
def test_if_none_match_contains_the_revisions_that_the_client_has_seen(header, seen):
    assert Request(api_event(headers={"If-None-Match": header})).has_seen("a") is seen


@pytest.mark.parametrize(
    ("answered", "counts"),
    [
        pytest.param(answering(Response()), {}, id="a response"),
        pytest.param(answering(Response(HTTPStatus.CREATED)), {}, id="a creation"),
        pytest.param(
            raising(Refusal("missing", "Not so.")), {"Refusals": 1, ("Refusals", "missing"): 1}, id="a refusal"
        ),
        pytest.param(raising(KeyError("x")), {"Failures": 1, ("Failures", "KeyError"): 1}, id="a failure"),
    ],
)
def test_refusals_and_failures_are_counted(context, logs, answered, counts):
    answered(api_event(), context)

    assert logs.counts() == counts


def test_head_has_no_body(context):
    answered = endpoint(lambda request: Response(body={"a": 1}))(api_event("HEAD"), context)

    assert (answered["statusCode"], answered["body"]) == (200, "")


def test_a_problem_can_contain_extra_fields():
    response = problem(HTTPStatus.CONFLICT, "Not so.", retry="later")

    assert response.body["retry"] == "later"
