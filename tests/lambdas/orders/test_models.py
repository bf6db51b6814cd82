import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.orders.models import Item, Move, NewItem, NewOrder, Replacement, Status
from lambdas.runtime.errors import Refusal
from lambdas.runtime.http import parse
from tests.lambdas.builders import an_order

ESPRESSO = {"name": "Espresso", "qty": 1}
ORDER = {"items": [ESPRESSO]}

WITH_CONTENT = pytest.mark.parametrize("type", [NewOrder, Replacement])


def read(body: object, type: type) -> object:
    return parse(body if isinstance(body, (str, bytes)) else json.dumps(body), type)


def refused_fields(body: object, type: type) -> list[str]:
    with pytest.raises(Refusal) as refused:
        read(body, type)
    assert refused.value.reason == "invalid"
    return [error["field"] for error in refused.value.errors]


def items(count: int) -> list[dict[str, object]]:
    return [{"name": f"Item {n}", "qty": 1} for n in range(count)]


@WITH_CONTENT
@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"items": items(1)}, id="1 item"),
        pytest.param({"items": items(50)}, id="50 items"),
        pytest.param({"items": [ESPRESSO, ESPRESSO]}, id="an item twice"),
        pytest.param({"items": [{"name": "x", "qty": 1}]}, id="a name of 1"),
        pytest.param({"items": [{"name": "x" * 100, "qty": 1}]}, id="a name of 100"),
        pytest.param({"items": [{"name": "\U0001f950" * 100, "qty": 1}]}, id="a name of 100 astral characters"),
        pytest.param({"items": [{"name": "Caf\u00e9 \u6292\u8336 \u202e", "qty": 1}]}, id="a non-ASCII name"),
        pytest.param({"items": [{"name": "Espresso", "qty": 99}]}, id="qty 99"),
        pytest.param({"items": [{"name": "Espresso", "qty": 1, "type": "hot"}]}, id="a type"),
        pytest.param({"items": [{"name": "Espresso", "qty": 1, "type": "x" * 50}]}, id="a type of 50"),
        pytest.param({"name": "Espresso", "quantity": 1}, id="the short form"),
        pytest.param({"name": "Espresso", "quantity": 99, "restaurantId": "r1"}, id="the short form with a restaurant"),
    ],
)
def test_valid_content_is_read(body, type):
    lines = read(body, type).lines()

    assert 1 <= len(lines) <= 50


@WITH_CONTENT
@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({"items": []}, "items", id="no items"),
        pytest.param({"items": items(51)}, "items", id="51 items"),
        pytest.param({"items": None}, "items", id="null items"),
        pytest.param({"items": "Espresso"}, "items", id="text instead of items"),
        pytest.param({"items": ESPRESSO}, "items", id="an object instead of items"),
        pytest.param({"items": [None]}, "items[0]", id="a null item"),
        pytest.param({"items": [ESPRESSO, {"name": "Muffin"}]}, "items[1]", id="no qty"),
        pytest.param({"items": [{"qty": 1}]}, "items[0]", id="no name"),
        pytest.param({"items": [{"name": "", "qty": 1}]}, "items[0].name", id="an empty name"),
        pytest.param({"items": [{"name": "x" * 101, "qty": 1}]}, "items[0].name", id="a name of 101"),
        pytest.param({"items": [{"name": 7, "qty": 1}]}, "items[0].name", id="a numeric name"),
        pytest.param({"items": [{"name": None, "qty": 1}]}, "items[0].name", id="a null name"),
        pytest.param({"items": [{"name": "x", "qty": 0}]}, "items[0].qty", id="qty 0"),
        pytest.param({"items": [{"name": "x", "qty": -1}]}, "items[0].qty", id="a negative qty"),
        pytest.param({"items": [{"name": "x", "qty": 100}]}, "items[0].qty", id="qty 100"),
        pytest.param({"items": [{"name": "x", "qty": 10**400}]}, "items[0].qty", id="a huge qty"),
        pytest.param({"items": [{"name": "x", "qty": 1.5}]}, "items[0].qty", id="a fractional qty"),
        pytest.param({"items": [{"name": "x", "qty": "1"}]}, "items[0].qty", id="a qty as text"),
        pytest.param({"items": [{"name": "x", "qty": True}]}, "items[0].qty", id="a boolean qty"),
        pytest.param({"items": [{"name": "x", "qty": 1, "type": "x" * 51}]}, "items[0].type", id="a type of 51"),
        pytest.param({"items": [{"name": "x", "qty": 1, "price": 0}]}, "items[0]", id="an unknown field of an item"),
        pytest.param({**ORDER, "discount": 99}, "body", id="an unknown field"),
        pytest.param({**ORDER, "_updatedAt": 1}, "body", id="a server field that clients cannot send"),
        pytest.param({**ORDER, "name": "Muffin", "quantity": 1}, "body", id="both forms"),
        pytest.param({**ORDER, "name": "Muffin"}, "body", id="items and a name"),
        pytest.param({**ORDER, "quantity": 1}, "body", id="items and a quantity"),
        pytest.param({}, "body", id="neither form"),
        pytest.param({"name": "Espresso"}, "body", id="the short form without quantity"),
        pytest.param({"quantity": 1}, "body", id="the short form without name"),
        pytest.param({"name": "", "quantity": 1}, "name", id="the short form with an empty name"),
        pytest.param({"name": "x" * 101, "quantity": 1}, "name", id="the short form with a name of 101"),
        pytest.param({"name": "x", "quantity": 0}, "quantity", id="the short form with quantity 0"),
        pytest.param({"name": "x", "quantity": 100}, "quantity", id="the short form with quantity 100"),
        pytest.param({**ORDER, "restaurantId": ""}, "restaurantId", id="an empty restaurant"),
        pytest.param({**ORDER, "restaurantId": None}, "restaurantId", id="a null restaurant"),
        pytest.param({**ORDER, "restaurantId": "x" * 65}, "restaurantId", id="a long restaurant"),
        pytest.param({**ORDER, "restaurantId": -1}, "restaurantId", id="a negative restaurant"),
        pytest.param({**ORDER, "restaurantId": 2**53}, "restaurantId", id="a restaurant above 2^53 - 1"),
        pytest.param({**ORDER, "restaurantId": 1.5}, "restaurantId", id="a fractional restaurant"),
        pytest.param({**ORDER, "restaurantId": ["r1"]}, "restaurantId", id="a list of restaurants"),
        pytest.param([], "body", id="a list"),
        pytest.param("null", "body", id="null"),
        pytest.param("7", "body", id="a number"),
        pytest.param('"items"', "body", id="text"),
    ],
)
def test_invalid_content_is_refused_with_the_field(body, field, type):
    assert refused_fields(body, type) == [field]


@WITH_CONTENT
@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="empty"),
        pytest.param("   ", id="blank"),
        pytest.param("{", id="truncated"),
        pytest.param("{'items': []}", id="single quotes"),
        pytest.param('{"name": "x", "quantity": 1} trailing', id="trailing text"),
        pytest.param('\ufeff{"name": "x", "quantity": 1}', id="a byte order mark"),
        pytest.param(b"\xff\xfe", id="invalid UTF-8"),
        pytest.param(b'{"name": "\xed\xa0\x80", "quantity": 1}', id="a surrogate in UTF-8"),
        pytest.param(r'{"name": "\ud800", "quantity": 1}', id="a lone high surrogate"),
        pytest.param(r'{"name": "\udc00", "quantity": 1}', id="a lone low surrogate"),
        pytest.param(r'{"\ud800": 1}', id="a lone surrogate in a field's name"),
        pytest.param('{"name": NaN, "quantity": 1}', id="NaN"),
    ],
)
def test_invalid_json_is_refused(body, type):
    assert refused_fields(body, type) == []


@WITH_CONTENT
@pytest.mark.parametrize("opening", ["[", '{"a":', '{"items":[', '{"items":[{"a":', '{"restaurantId":['])
def test_deep_nesting_is_refused(opening, type):
    with pytest.raises(Refusal):
        read(opening * 10_000, type)


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_arbitrary_bodies_are_read_or_refused(body):
    try:
        order = parse(body, NewOrder)
    except Refusal:
        return
    assert order.lines()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["items", "name", "quantity", "restaurantId", "id", "customer", "status", "_createdAt", "x"])


@given(st.dictionaries(FIELDS, JSON, max_size=6))
def test_orders_that_are_read_are_within_the_limits(body):
    try:
        order = read(body, NewOrder)
    except Refusal:
        return
    assert set(body) <= {"items", "name", "quantity", "restaurantId", "id", "customer", "status", "_createdAt"}
    assert 1 <= len(order.lines()) <= 50
    assert all(1 <= len(item.name) <= 100 and 1 <= item.qty <= 99 for item in order.lines())


def test_the_short_form_means_one_item():
    assert read({"name": "Espresso", "quantity": 3}, NewOrder).lines() == [NewItem("Espresso", 3)]


def test_items_are_read_unchanged():
    body = {"items": [{"name": "Espresso", "type": "hot", "qty": 2}, ESPRESSO]}

    assert read(body, NewOrder).lines() == [NewItem("Espresso", 2, "hot"), NewItem("Espresso", 1, "")]


LATTE = {"name": "Latte", "qty": 1, "options": ["Oat milk", "Large"], "note": "hot"}


@pytest.mark.parametrize("restaurant", ["r1", "7", "x" * 64, 0, 7, 2**53 - 1], ids=str)
def test_a_restaurant_keeps_its_type(restaurant):
    read_back = read({**ORDER, "restaurantId": restaurant}, NewOrder).restaurant_id

    assert (read_back, type(read_back)) == (restaurant, type(restaurant))


@pytest.mark.parametrize("id", ["a", "x" * 64, "AZaz09._-", "...", ".a", "-", "01890a5d-ac96-774b-bcce-b302099a8057"])
def test_valid_ids(id):
    assert read({**ORDER, "id": id}, NewOrder).id == id


@pytest.mark.parametrize(
    "id",
    [
        "",
        ".",
        "..",
        "x" * 65,
        "a b",
        "a/b",
        "a#b",
        "a\n",
        "\na",
        "a\n\n",
        "a\x00",
        "a\u2028",
        "\u00e9",
        "\uff11",
        "%41",
        7,
        None,
    ],
    ids=ascii,
)
def test_invalid_ids_are_refused(id):
    assert refused_fields({**ORDER, "id": id}, NewOrder) == ["id"]


@pytest.mark.parametrize("customer", ["a", "x" * 128, "ann@example.com", "\u00e9\u6292"])
def test_valid_customers(customer):
    assert read({**ORDER, "customer": customer}, NewOrder).customer == customer


@pytest.mark.parametrize("customer", ["", "x" * 129, 7, None, ["ann"]])
def test_invalid_customers_are_refused(customer):
    assert refused_fields({**ORDER, "customer": customer}, NewOrder) == ["customer"]


@pytest.mark.parametrize("field", ["status", "staff", "_createdAt", "_filledAt", "_expireOn"])
@pytest.mark.parametrize("value", [None, "", "filled", 0, 1_700_000_000_000, 1.5, -1])
def test_fields_that_the_server_owns_are_allowed_on_create(field, value):
    assert read({**ORDER, field: value}, NewOrder).lines() == [NewItem("Espresso", 1)]


@pytest.mark.parametrize("field", ["status", "staff", "_createdAt", "_filledAt", "_expireOn", "id", "customer"])
def test_a_replacement_can_contain_only_content(field):
    assert refused_fields({**ORDER, field: "x"}, Replacement) == ["body"]


@pytest.mark.parametrize("status", Status)
def test_a_move_contains_its_status(status):
    assert read({"status": str(status)}, Move) == Move(status)


@pytest.mark.parametrize("filled_at", [0, 1_700_000_000_000, 2**53 - 1, None])
def test_a_move_can_contain_the_fill_time(filled_at):
    assert read({"status": "filled", "_filledAt": filled_at}, Move) == Move(Status.FILLED, filled_at)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({}, "body", id="no status"),
        pytest.param({"status": ""}, "status", id="an empty status"),
        pytest.param({"status": "eaten"}, "status", id="an unknown status"),
        pytest.param({"status": "FILLED"}, "status", id="an uppercase status"),
        pytest.param({"status": None}, "status", id="a null status"),
        pytest.param({"status": ["filled"]}, "status", id="a list of statuses"),
        pytest.param({"status": "filled", "_filledAt": -1}, "_filledAt", id="a time before 1970"),
        pytest.param({"status": "filled", "_filledAt": 2**53}, "_filledAt", id="a time above 2^53 - 1"),
        pytest.param({"status": "filled", "_filledAt": 1.5}, "_filledAt", id="a fractional time"),
        pytest.param({"status": "filled", "_filledAt": "now"}, "_filledAt", id="a time as text"),
        pytest.param({"status": "filled", "staff": "me"}, "body", id="an unknown field"),
        pytest.param({"status": "filled", "items": [ESPRESSO]}, "body", id="items"),
    ],
)
def test_an_invalid_move_is_refused_with_the_field(body, field):
    assert refused_fields(body, Move) == [field]


def test_an_order_has_the_field_names_of_the_contract():
    order = an_order("7", restaurant_id="r1", staff="sam", created_at=1, updated_at=2, filled_at=3, expire_on=4)

    assert json.loads(msgspec.json.encode(order.public())) == {
        "id": "7",
        "customer": "ann",
        "status": "created",
        "items": [{"name": "Espresso", "qty": 1, "type": "", "price": 0}],
        "restaurantId": "r1",
        "total": 0,
        "currency": "EUR",
        "staff": "sam",
        "_createdAt": 1,
        "_updatedAt": 2,
        "_filledAt": 3,
        "_expireOn": 4,
    }


def test_an_order_hides_internal_fields_from_clients():
    stored = an_order(revision="r-1", correlation_id="request-1")

    assert stored.public() == an_order().public()


def test_an_order_omits_an_unset_restaurant_and_staff():
    written = json.loads(msgspec.json.encode(an_order()))

    assert written.keys().isdisjoint({"restaurantId", "staff"})
    assert written["_filledAt"] is None


@pytest.mark.parametrize(
    ("change", "same"),
    [
        pytest.param({}, True, id="nothing"),
        pytest.param({"status": "filled", "staff": "sam", "_createdAt": 9}, True, id="fields of the server"),
        pytest.param({"items": [{**LATTE, "options": ["Large", "Oat milk"]}]}, True, id="the order of options"),
        pytest.param({"items": [{**LATTE, "name": " Latte"}]}, True, id="another spelling"),
        pytest.param({"items": [{**LATTE, "qty": 2}]}, False, id="a qty"),
        pytest.param({"items": [{**LATTE, "name": "latte"}]}, False, id="a name's case"),
        pytest.param({"items": [{**LATTE, "note": "cold"}]}, False, id="a note"),
        pytest.param({"items": [{**LATTE, "options": ["Large"]}]}, False, id="an option"),
        pytest.param({"items": [LATTE, LATTE]}, False, id="another item"),
        pytest.param({"restaurantId": "r2"}, False, id="the restaurant"),
        pytest.param({"pickupName": "Bob"}, False, id="the name"),
    ],
)
def test_a_repeated_order_asks_for_the_same(change, same):
    body = {"items": [LATTE], "restaurantId": "r1", "pickupName": "Ann"}
    order = an_order(items=[Item("Latte", 1, "", ["Oat milk", "Large"], "hot", price=5)], restaurant_id="r1", total=5)
    order.pickup_name = "Ann"

    assert order.has_content_of(read({**body, **change}, NewOrder), with_type=True) is same


def test_the_type_of_an_item_is_compared_only_where_it_is_the_customers():
    order, body = (
        an_order(items=[Item("Latte", 1, "coffee", price=5)]),
        read({"items": [{"name": "Latte", "qty": 1}]}, NewOrder),
    )

    assert order.has_content_of(body, with_type=False)
    assert not order.has_content_of(body, with_type=True)


@pytest.mark.parametrize("text", ["\n", "a\nb", "\x00", "a\x7f", "\u200b", "   ", "\u200d"])
def test_a_line_for_people_has_visible_characters_only(text):
    for body in ({"items": [{**LATTE, "note": text}]}, {"items": [LATTE], "pickupName": text}):
        with pytest.raises(Refusal, match="character"):
            read(body, NewOrder)


def test_a_line_for_people_keeps_emoji_and_loses_what_hides():
    barista = "\U0001f469\u200d\U0001f373"

    body = read({"items": [{**LATTE, "note": f" \u202e{barista} "}]}, NewOrder)

    assert body.lines()[0].note == barista


@pytest.mark.parametrize("length", [1, 140])
def test_a_note_has_at_most_140_characters(length):
    assert read({"items": [{**LATTE, "note": "x" * length}]}, NewOrder).lines()[0].note == "x" * length
    for note in ("", "x" * 141):
        with pytest.raises(Refusal, match="length"):
            read({"items": [{**LATTE, "note": note}]}, NewOrder)


def test_prices_of_a_client_are_refused():
    for body in ({"items": [{**LATTE, "price": 1}]}, {"items": [LATTE], "total": 1}, {"items": [LATTE], "number": 7}):
        with pytest.raises(Refusal, match="unknown field"):
            read(body, NewOrder)


def test_a_reason_is_a_line():
    assert read({"status": "cancelled", "reason": " Out of milk "}, Move).reason == "Out of milk"
    with pytest.raises(Refusal, match="reason"):
        read({"status": "cancelled", "reason": "Out\nof milk"}, Move)


@pytest.mark.parametrize("name", ["Espresso ", "\tEspresso\n", "Es\u200bpresso", "\ufeffEspresso", "Espresso\u00ad"])
def test_a_name_that_looks_the_same_is_the_same(name):
    assert NewItem(name, 1).name == "Espresso"
    assert NewItem("Cafe\u0301", 1).name == "Caf\u00e9"


@pytest.mark.parametrize("name", ["\u200b", " ", "\u00a0\u2060"])
def test_a_name_without_a_visible_character_is_refused(name):
    for body in ({"items": [{"name": name, "qty": 1}]}, {"name": name, "quantity": 1}):
        with pytest.raises(msgspec.ValidationError, match="visible character"):
            msgspec.convert(body, NewOrder)


@pytest.mark.parametrize("grows", ["\u0958" * 71, "\U0001d160" * 50])
def test_a_text_that_is_longer_once_it_is_normalized_is_refused(grows):
    with pytest.raises(Refusal, match="at most 140"):
        read({"items": [{**LATTE, "note": grows}]}, NewOrder)


@pytest.mark.parametrize("text", ["e\u200b\u0301", " a\u00ad\u0308 ", "\u1100\u200b\u1161"])
def test_normalizing_again_changes_nothing(text):
    once = NewItem(text, 1, note=text)

    assert NewItem(once.name, 1, note=once.note) == once
