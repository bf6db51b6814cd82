"""Descriptions of the operations for the menu and the café."""

from http import HTTPStatus

from msgspec import Struct

from lambdas.cafe.models import Cafe, CafeChange, Menu, MenuItem, MenuItemBody

from .openapi_parts import Answer, Json, Operation, json_of, ref

ANSWERS: tuple[type[Struct], ...] = (Cafe, Menu, MenuItem)
EXAMPLE_BODIES: dict[type[Struct], Json] = {
    CafeChange: {"open": False},
    MenuItemBody: {
        "type": "coffee",
        "price": 340,
        "picture": "pictures.svg#cappuccino",
        "options": [{"name": "Oat milk", "group": "milk", "price": 50}],
    },
}

ONE_ITEM = json_of(ref("MenuItem"))

OPERATIONS = {
    ("GET", "/cafe"): Operation(
        "getCafe",
        "Get the state of the café",
        "Returns whether the café is open, the number of open orders, and how many minutes the next one takes.",
        (Answer(HTTPStatus.OK, "The state.", json_of(ref("Cafe"))),),
    ),
    ("PATCH", "/cafe"): Operation(
        "changeCafe",
        "Open or close the café",
        "For staff. `null` lets the hours in the stack's configuration decide.",
        (Answer(HTTPStatus.OK, "The new state.", json_of(ref("Cafe"))),),
        (HTTPStatus.FORBIDDEN,),
    ),
    ("GET", "/menu"): Operation(
        "getMenu",
        "Get the menu",
        "Returns what can be ordered, with prices in minor units of the currency, tax included. The CDN caches the "
        "response for a minute, for each `v` in the query: with the entity tag there, it is the menu that has it.",
        (
            Answer(HTTPStatus.OK, "The menu.", json_of(ref("Menu")), ("ETag",)),
            Answer(HTTPStatus.NOT_MODIFIED, "The menu still matches `If-None-Match`.", headers=("ETag",)),
        ),
        condition="If-None-Match",
    ),
    ("PUT", "/menu/{name}"): Operation(
        "putMenuItem",
        "Add or replace an item of the menu",
        "For staff. `If-Match` takes the `ETag` of the item or of the menu.",
        (
            Answer(HTTPStatus.OK, "The replaced item.", ONE_ITEM, ("ETag",)),
            Answer(HTTPStatus.CREATED, "The new item.", ONE_ITEM, ("ETag",)),
        ),
        (HTTPStatus.CONFLICT,),
        condition="If-Match",
    ),
    ("DELETE", "/menu/{name}"): Operation(
        "deleteMenuItem",
        "Delete an item of the menu",
        "For staff. Orders that have the item keep it.",
        (Answer(HTTPStatus.NO_CONTENT, "The item is deleted."),),
        condition="If-Match",
    ),
}
