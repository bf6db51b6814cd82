"""The figures in docs/cost.md are those that `python -m ops cost` prints."""

import re
from pathlib import Path

import pytest

from components.blocks.python_function import ARCHITECTURES
from ops import order_path
from ops.cost import bill
from ops.order_path import api_requests, calls, polls
from ops.stacks import look_at

ROOT = Path(__file__).parents[2]
COST = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def looked():
    return {"prod": look_at("prod")}


@pytest.fixture(scope="module")
def made(looked):
    return bill(looked["prod"], 1_000_000)


def missing(lines, text):
    """The lines that a text should have, to be put there."""
    return "\n".join(line for line in lines if line not in text.splitlines())


def test_the_docs_have_every_line_of_the_bill(made):
    rows = [f"| {line.what} | {line.quantity:,.0f} {line.unit} | {line.dollars:,.2f} |" for line in made.by_order]
    rows += [f"| {line.what} | {line.quantity:,.0f} {line.unit} | {line.dollars:,.2f} |" for line in made.by_month]
    sums = [f"| **together** | | **{total:,.2f}** |" for total in (made.of_orders, made.of_month)]

    assert missing(rows + sums, COST) == ""
    assert len(re.findall(r"^\| .* \| [\d.,*]+ \|$", COST, re.MULTILINE)) == len(rows + sums), "a line too many"


def test_the_docs_say_what_most_requests_are_for():
    own = polls(order_path.WATCHED_SECONDS)
    news = calls()["get_orders"] + calls()["get_photos"]
    said = f"{api_requests():.0f} requests {news:.0f} ask for news, {own} for the customer and {news - own:.0f} for"

    assert said in " ".join(COST.split())


def test_prod_is_looked_at_as_its_config_says(looked):
    prod = looked["prod"]

    assert (prod.order_days, prod.log_days, prod.user_price) == (365, 365, "user-essentials")
    assert prod.architecture == ARCHITECTURES[0]
