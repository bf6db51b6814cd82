import json
from pathlib import Path

import msgspec
import pytest

from lambdas.orders import menu
from lambdas.orders.models import Item, NewOrder
from lambdas.runtime.errors import Refusal

WEB_APPS_MENU = Path(__file__).parents[3] / "site" / "public" / "menu.json"
PRICES = {
    "Espresso": 220,
    "Cappuccino": 340,
    "Mint tea": 290,
    "Lemonade": 320,
    "Croissant": 250,
    "Blueberry muffin": 310,
}


def test_the_menu_matches_the_web_apps():
    shown = {dish["name"]: dish["price"] for dish in json.loads(WEB_APPS_MENU.read_text())}

    assert {name: dish.price for name, dish in menu.menu().items()} == shown == PRICES


@pytest.mark.parametrize(("name", "price"), PRICES.items())
def test_a_dish_costs_what_the_menu_says(name, price):
    assert menu.amount([Item(name, 1)]) == price


@pytest.mark.parametrize(
    ("items", "amount"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param([Item("Espresso", 3)], 660, id="three of one dish"),
        pytest.param([Item("Espresso", 1), Item("Croissant", 2)], 720, id="two dishes"),
        pytest.param([Item("Espresso", 1), Item("Espresso", 1)], 440, id="one dish on two lines"),
        pytest.param([Item("Espresso", 1, "double")], 220, id="with a type"),
        pytest.param([Item("Cappuccino", 99)] * 50, 340 * 99 * 50, id="the largest order"),
    ],
)
def test_the_amount_is_the_sum_of_all_items(items, amount):
    assert menu.amount(items) == amount


@pytest.mark.parametrize("name", ["Pizza", "espresso", "Espress\u043e", "Espresso.", "price"])
def test_a_dish_not_on_the_menu_is_refused_by_name(name):
    with pytest.raises(Refusal, match=f"`{name}` is not on the menu") as refused:
        menu.amount([Item("Espresso", 1), Item(name, 1)])

    assert refused.value.reason == "invalid"


@pytest.mark.parametrize("name", ["Espresso ", "\tEspresso\n", "Es\u200bpresso", "\ufeffEspresso", "Espresso\u00ad"])
def test_a_name_that_looks_the_same_is_the_same(name):
    assert Item(name, 1).name == "Espresso"
    assert menu.amount([Item(name, 1)]) == 220


def test_names_are_composed():
    assert Item("Cafe\u0301", 1).name == "Caf\u00e9"


@pytest.mark.parametrize("name", ["\u200b", " ", "\u00a0\u2060"])
def test_a_name_without_a_visible_character_is_refused(name):
    for body in ({"items": [{"name": name, "qty": 1}]}, {"name": name, "quantity": 1}):
        with pytest.raises(msgspec.ValidationError, match="visible character"):
            msgspec.convert(body, NewOrder)
