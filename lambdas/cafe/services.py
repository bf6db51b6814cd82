"""The services of the café's handlers: created once per process on first use, from environment variables."""

import json
import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.cafe.menu import Menus
    from lambdas.cafe.table import CafeTable


@cache
def cafe_table() -> "CafeTable":
    """The café's table `CAFE_TABLE`."""
    from lambdas.cafe.table import CafeTable

    return CafeTable(os.environ["CAFE_TABLE"])


@cache
def menus() -> "Menus":
    """The menu, with prices in `CURRENCY` that include `TAX_PERCENT` of tax. Changes go to the event API, if any."""
    from lambdas.cafe.live import publish_menu
    from lambdas.cafe.menu import Menus

    return Menus(cafe_table(), os.environ["CURRENCY"], json.loads(os.environ["TAX_PERCENT"]), publish_menu)
