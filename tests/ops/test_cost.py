import json
import math
import re
from pathlib import Path

import pytest

from ops import cost
from ops.__main__ import main
from ops.cost import PRICES, Line, a_month, an_order, bill, read_config

ROOT = Path(__file__).parents[2]
PROD = read_config("prod")


def dollars(lines):
    return {line.what: line.dollars for line in lines}


def every_line(config):
    return [*an_order(config), *a_month(config)]


def test_a_line_is_quantity_times_price():
    assert Line("API", "api-request", 6_000_000, "why").dollars == 21.0  # at 3.50 a million


def test_an_order_writes_thirty_two_units():
    # 1 + 4 indexes; for each of 3 moves 1 + 2 entries that stay + 2 that are removed and written, and 2 notes.
    [writes] = [line for line in an_order(PROD) if line.what == "Tables: writes"]

    assert writes.quantity == (1 + 4) + 3 * (1 + 2 + 2 * 2 + 2)


def test_orders_cost_by_their_number_and_a_month_does_not():
    one, ten = bill(PROD, 1), bill(PROD, 10)

    assert math.isclose(sum(dollars(ten["orders"]).values()), 10 * sum(dollars(one["orders"]).values()))
    assert ten["month"] == one["month"]


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        ({"architecture": "x86_64"}, {"Functions: time"}),
        ({"advancedSecurity": "AUDIT"}, {"Sign-in: customer"}),
        ({"orderRetentionDays": 730}, {"Tables: storage", "Tables: backup"}),
        ({"logRetentionDays": 731}, {"Logs: storage"}),
    ],
)
def test_a_setting_changes_the_lines_that_it_is_about_and_no_others(change, lines):
    before, after = dollars(every_line(PROD)), dollars(every_line(PROD | change))

    assert {what for what in after if after[what] > before[what]} == lines
    assert {what for what in after if after[what] != before[what]} == lines


@pytest.mark.parametrize(
    ("change", "prefix"),
    [({"webFirewall": True}, "Firewall"), ({"provisionedConcurrency": 2}, "Functions: provisioned")],
)
def test_what_is_off_costs_nothing(change, prefix):
    off = PROD | {"webFirewall": False, "provisionedConcurrency": 0}
    added = dollars(every_line(off | change)).keys() - dollars(every_line(off)).keys()

    assert added
    assert [what for what in added if not what.startswith(prefix)] == []


def test_every_price_is_used_and_has_its_page():
    changes = ({}, {"architecture": "x86_64", "advancedSecurity": "AUDIT"})
    used = {line.price for it in changes for line in every_line(PROD | {"provisionedConcurrency": 1} | it)}

    assert used == PRICES.keys()
    assert [
        name for name, price in PRICES.items() if not re.fullmatch(r"[a-z-]+/pricing/([a-z-]+/)?", price.page)
    ] == []


def test_the_document_has_the_totals():
    page = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
    lines = bill(PROD, 1_000_000)

    for part in ("orders", "month"):
        assert f"US$ {sum(line.dollars for line in lines[part]):,.2f}" in page


def test_the_bill_is_printed(capsys):
    assert main(["cost"]) == 0
    out = capsys.readouterr().out
    lines = bill(PROD, 1_000_000)

    assert "1,000,000 orders (stack prod)" in out
    assert [line for part in lines.values() for line in part if f"{line.dollars:,.2f}" not in out] == []
    assert f"{sum(line.dollars for line in lines['orders']):,.2f}" in out


def test_as_json_for_another_number_of_orders(capsys):
    assert main(["cost", "--stack", "dev", "--orders", "500", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)

    assert (document["stack"], document["orders"]) == ("dev", 500)
    expected = sum(line.dollars for line in bill(read_config("dev"), 500)["orders"])
    assert document["dollars"]["orders"] == round(expected, 2)
    assert math.isclose(sum(line["dollars"] for line in document["byOrder"]), expected)


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "many"])
def test_no_number_of_orders_is_a_wrong_call(capsys, number):
    with pytest.raises(SystemExit) as ended:
        main(["cost", f"--orders={number}"])

    assert ended.value.code == 2
    assert f"expected a positive number of orders, got '{number}'" in capsys.readouterr().err


def test_a_stack_that_is_not_there(capsys):
    assert main(["cost", "--stack", "moon"]) == 1
    assert capsys.readouterr().err == "unknown stack 'moon'; available: dev, local, prod\n"


def test_it_is_one_module_of_at_most_250_lines():
    assert len(Path(cost.__file__).read_text(encoding="utf-8").splitlines()) <= 250
