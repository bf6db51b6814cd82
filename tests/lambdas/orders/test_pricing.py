"""What an order costs."""

import pytest
from msgspec import UNSET

from lambdas.cafe.models import Option
from lambdas.cafe.offer import Offer
from lambdas.cafe.opening import Opening
from lambdas.orders.models import NewItem
from lambdas.orders.pricing import Pricing
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import NOON, a_dish

OPTIONS = [Option("Oat milk", "milk", 50), Option("Soy milk", "milk", 40), Option("Large", "size", 80)]
MENU = [a_dish("Espresso", 220, type="coffee"), a_dish("Latte", 340, options=OPTIONS), a_dish("Gone", 1, sold_out=True)]


@pytest.fixture
def price():
    return Pricing(lambda: Offer(MENU), "EUR", menu_only=True)


@pytest.fixture
def price_freely():
    return Pricing(lambda: Offer(MENU), "EUR", menu_only=False)


def refusal(price, *items, **more):
    with pytest.raises(Refusal) as refused:
        price(items, NOON, **more)
    return refused.value


@pytest.mark.parametrize(
    ("items", "total"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param([NewItem("Espresso", 3)], 660, id="three of one item"),
        pytest.param([NewItem("Espresso", 1), NewItem("Latte", 2)], 900, id="two items"),
        pytest.param([NewItem("Latte", 2, options=["Large", "Oat milk"])], 940, id="with options"),
        pytest.param([NewItem("Latte", 99)] * 50, 340 * 99 * 50, id="the largest order"),
    ],
)
def test_the_total_is_the_sum_of_all_items(price, items, total):
    assert price(items, NOON).total == total
    assert price(items, NOON).currency == "EUR"


def test_the_price_of_an_item_is_for_one_of_it_with_its_options(price):
    [item] = price([NewItem("Latte", 3, options=["Oat milk"], note="hot")], NOON).items

    assert (item.price, item.options, item.note, item.qty) == (390, ["Oat milk"], "hot", 3)


def test_the_type_is_the_menus(price, price_freely):
    item = NewItem("Espresso", 1, "free drink")

    assert [it.type for it in price([item], NOON).items] == ["coffee"]
    assert [it.type for it in price_freely([item], NOON).items] == ["free drink"]


@pytest.mark.parametrize("name", ["Pizza", "espresso", "Espress\u043e", "Espresso."])
def test_what_is_not_on_the_menu_is_refused_by_name(price, name):
    refused = refusal(price, NewItem("Espresso", 1), NewItem(name, 1))

    assert (refused.reason, refused.extra) == ("invalid", {"type": "urn:cafe:problem:not-on-menu"})
    assert f"`{name}` is not on the menu" in refused.detail
    assert [error["field"] for error in refused.errors] == ["items[1].name"]


def test_the_short_form_has_one_field(price):
    assert refusal(price, NewItem("Pizza", 1), short=True).errors[0]["field"] == "name"
    assert refusal(price, NewItem("Gone", 1), short=True).errors[0]["field"] == "name"


def test_an_option_of_another_item_is_refused(price):
    refused = refusal(price, NewItem("Latte", 1, options=["Large", "Honey"]))

    assert (refused.reason, refused.extra) == ("invalid", {"type": "urn:cafe:problem:not-on-menu"})
    assert refused.errors[0]["field"] == "items[0].options[1]"


@pytest.mark.parametrize("options", [["Oat milk", "Soy milk"], ["Large", "Large"]])
def test_two_options_of_a_group_are_refused(price, options):
    refused = refusal(price, NewItem("Latte", 1, options=options))

    assert refused.reason == "invalid"
    assert refused.errors[0]["field"] == "items[0].options[1]"


def test_what_is_sold_out_is_refused(price, price_freely):
    for prices in (price, price_freely):
        refused = refusal(prices, NewItem("Gone", 1))
        assert (refused.reason, refused.extra) == ("conflict", {"type": "urn:cafe:problem:sold-out"})
        assert refused.errors[0]["field"] == "items[0].name"


def test_anything_else_can_be_ordered_at_no_price_if_the_café_allows_it(price_freely):
    priced = price_freely([NewItem("Pizza", 2, "food", ["Cheese"], "hot"), NewItem("Espresso", 1)], NOON)

    assert [(it.name, it.type, it.price, it.options) for it in priced.items] == [
        ("Pizza", "food", 0, ["Cheese"]),
        ("Espresso", "", 220, UNSET),
    ]
    assert priced.total == 220


def test_nothing_can_be_ordered_while_the_café_is_closed():
    # NOON is on a Tuesday at 22:13 UTC.
    price = Pricing(lambda: Offer(MENU), "EUR", menu_only=True, opening=Opening("Wed 08:00-09:00", "UTC"))

    refused = refusal(price, NewItem("Pizza", 1))

    assert (refused.reason, refused.errors[0]["field"]) == ("conflict", "items")
    assert refused.extra == {"type": "urn:cafe:problem:closed", "opensAt": 1_700_035_200_000}


@pytest.mark.parametrize("switch", [True, False])
def test_the_switch_counts_instead_of_the_hours(switch):
    price = Pricing(lambda: Offer(MENU, switch), "EUR", menu_only=True, opening=Opening("Wed 08:00-09:00", "UTC"))

    if switch:
        assert price([NewItem("Espresso", 1)], NOON).total == 220
    else:
        assert refusal(price, NewItem("Espresso", 1)).extra == {"type": "urn:cafe:problem:closed"}
