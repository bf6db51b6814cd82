"""The services of the café's handlers: created once per process on first use, from environment variables."""

import json
import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.cafe.cafe import Cafes
    from lambdas.cafe.menu import Menus
    from lambdas.cafe.opening import Opening
    from lambdas.cafe.table import CafeTable
    from lambdas.cafe.waiting import Waiting
    from lambdas.orders.numbers import NumbersTable


@cache
def cafe_table() -> "CafeTable":
    """The café's table `CAFE_TABLE`."""
    from lambdas.cafe.table import CafeTable

    return CafeTable(os.environ["CAFE_TABLE"])


@cache
def numbers() -> "NumbersTable":
    """The orders' numbers in `CAFE_TABLE`."""
    from lambdas.orders.numbers import NumbersTable

    return NumbersTable(os.environ["CAFE_TABLE"])


@cache
def menus() -> "Menus":
    """The menu, with prices in `CURRENCY` that include `TAX_PERCENT` of tax. Changes go to the event API, if any."""
    from lambdas.cafe.live import publish_menu
    from lambdas.cafe.menu import Menus

    return Menus(cafe_table(), os.environ["CURRENCY"], json.loads(os.environ["TAX_PERCENT"]), publish_menu)


@cache
def opening() -> "Opening":
    """The café's hours `OPENING_HOURS` in the time zone `TIME_ZONE`."""
    from lambdas.cafe.opening import Opening

    return Opening(os.environ["OPENING_HOURS"], os.environ["TIME_ZONE"])


@cache
def waiting() -> "Waiting":
    """The waiting times, from the numbers and durations of orders in `CAFE_TABLE`."""
    from lambdas.cafe.waiting import Waiting

    return Waiting(numbers().open_orders, cafe_table().durations)


@cache
def cafes() -> "Cafes":
    """The café's state. Changes go to the event API, if any."""
    from lambdas.cafe.cafe import Cafes
    from lambdas.cafe.live import publish_open

    return Cafes(cafe_table(), opening(), waiting(), publish_open)
