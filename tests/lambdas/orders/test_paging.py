import base64
import re
import string
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from lambdas.orders.keys import OrdersQuery, position
from lambdas.orders.models import Status
from lambdas.runtime import paging
from lambdas.runtime.errors import FieldError, Refusal
from lambdas.runtime.paging import next_link
from tests.lambdas.builders import an_order

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=128)
IDS = st.text(string.ascii_letters + string.digits + "._-", min_size=1, max_size=64)


def parse(query: dict[str, str]) -> OrdersQuery:
    return paging.parse(query, OrdersQuery)


def cursor_of(position: str) -> str:
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def target_of(link: str) -> str:
    match = re.fullmatch(r'<([^<>"\s]+)>; rel="next"', link)
    assert match, link
    return match[1]


def query_of(link: str) -> dict[str, str]:
    pairs = parse_qsl(urlsplit(target_of(link)).query, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def test_an_empty_query_requests_the_first_25_orders():
    query = parse({})

    assert query == OrdersQuery(limit=25, status=UNSET, customer=UNSET, cursor=UNSET)
    assert query.position() is None


@pytest.mark.parametrize("limit", [1, 2, 25, 100])
def test_the_limit_is_1_to_100(limit):
    assert parse({"limit": str(limit)}).limit == limit


@pytest.mark.parametrize("status", Status)
def test_every_status_can_be_requested(status):
    assert parse({"status": str(status)}).status is status


def test_unknown_parameters_are_ignored():
    assert parse({"utm_source": "mail", "_": "17"}) == parse({})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("limit", "0", id="limit too small"),
        pytest.param("limit", "101", id="limit too large"),
        pytest.param("limit", "-1", id="limit negative"),
        pytest.param("limit", "9" * 5000, id="limit huge"),
        pytest.param("limit", "2.5", id="limit fractional"),
        pytest.param("limit", "", id="limit empty"),
        pytest.param("limit", "ten", id="limit a word"),
        pytest.param("limit", "nan", id="limit not a number"),
        pytest.param("limit", "\uff15", id="limit a full-width digit"),
        pytest.param("status", "", id="status empty"),
        pytest.param("status", "Created", id="status in capitals"),
        pytest.param("status", "eaten", id="status unknown"),
        pytest.param("status", "created\n", id="status with a line break"),
        pytest.param("customer", "", id="customer empty"),
        pytest.param("customer", "x" * 129, id="customer too long"),
    ],
)
def test_an_invalid_parameter_is_refused_by_name(field, value):
    with pytest.raises(Refusal) as refused:
        parse({field: value})

    assert refused.value.reason == "invalid"
    assert [error["field"] for error in refused.value.errors] == [field]


INVALID_CURSORS = [
    pytest.param("", id="empty"),
    pytest.param("=", id="only padding"),
    pytest.param("a", id="not base64"),
    pytest.param("!!!!", id="not base64url"),
    pytest.param("\u00fc", id="not ascii"),
    pytest.param("\ud800", id="a lone surrogate"),
    pytest.param("a" * 10_000, id="huge"),
    pytest.param(cursor_of("nonsense"), id="base64 of nonsense"),
    pytest.param(cursor_of("{}"), id="base64 of JSON"),
    pytest.param(base64.urlsafe_b64encode(b"\xff\xfe").decode(), id="base64 of invalid UTF-8"),
    pytest.param(cursor_of("170000000000#7#0123abcd"), id="12-digit time"),
    pytest.param(cursor_of("17000000000000#7#0123abcd"), id="14-digit time"),
    pytest.param(cursor_of("1700000000000##0123abcd"), id="no id"),
    pytest.param(cursor_of(f"1700000000000#{'x' * 65}#0123abcd"), id="long id"),
    pytest.param(cursor_of("1700000000000#a b#0123abcd"), id="invalid id"),
    pytest.param(cursor_of("1700000000000#7#0123ABCD"), id="uppercase digest"),
    pytest.param(cursor_of("1700000000000#7#0123abcd\n"), id="trailing line break"),
    pytest.param(cursor_of("1700000000000#7#0123abcd#x"), id="trailing text"),
    pytest.param(cursor_of("\u0661" * 13 + "#7#0123abcd"), id="non-ASCII digits"),
    pytest.param("1700000000000#7#0123abcd", id="unencoded position"),
]


@pytest.mark.parametrize("cursor", INVALID_CURSORS)
def test_an_invalid_cursor_is_refused(cursor):
    query = parse({"cursor": cursor})

    with pytest.raises(Refusal) as refused:
        query.position()

    assert refused.value.reason == "invalid"
    assert [error["field"] for error in refused.value.errors] == ["cursor"]


@given(st.text())
def test_arbitrary_cursors_are_positions_or_refused(cursor):
    try:
        found = parse({"cursor": cursor}).position()
    except Refusal:
        return
    assert parse({"cursor": cursor_of(found)}).position() == found


@given(
    limit=st.integers(1, 100),
    status=st.sampled_from(Status) | st.just(UNSET),
    customer=TEXT | st.just(UNSET),
    at=st.integers(0, 9_999_999_999_999),
    id=IDS,
    old=st.booleans(),
)
def test_the_link_keeps_the_query_and_sets_the_position(limit, status, customer, at, id, old):
    end = position(an_order(id, created_at=at))
    cursor = cursor_of("1700000000000#7#0123abcd") if old else UNSET
    before = OrdersQuery(limit=limit, status=status, customer=customer, cursor=cursor)

    after = parse(query_of(next_link(before, end)))

    assert (after.limit, after.status, after.customer) == (limit, status, customer)
    assert after.position() == end


@given(customer=TEXT)
def test_the_link_is_a_valid_header_value(customer):
    link = next_link(OrdersQuery(customer=customer), position(an_order()))

    assert link.isascii()
    assert link.isprintable()
    target_of(link)


@pytest.mark.parametrize(
    "address",
    [
        "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/dev/orders",
        "https://cafe.example/dev/orders?limit=5",
    ],
)
def test_the_link_is_relative_to_the_list(address):
    link = target_of(next_link(OrdersQuery(), position(an_order())))

    assert urljoin(address, link).startswith(address.partition("?")[0] + "?")


def test_a_field_error_has_a_name_and_a_problem():
    assert FieldError("limit", "too large") == {"field": "limit", "problem": "too large"}
