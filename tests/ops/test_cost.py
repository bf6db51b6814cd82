import json
import math
import re
from pathlib import Path

import pytest

from ops import cost
from ops.commands import main
from ops.cost import PRICES, Line, bill, month_lines, order_lines, read_config

ROOT = Path(__file__).parents[2]
PROD = read_config("prod")


def dollars(lines):
    return {line.what: line.dollars for line in lines}


def every_line(config):
    return [*order_lines(config), *month_lines(config)]


def test_a_line_is_quantity_times_price():
    assert Line("API", "api-request", 6_000_000, "why").dollars == 21.0  # at 3.50 per million


def test_an_order_writes_thirty_seven_units():
    # 1 + 4 indexes; for each of 3 moves, 1 + 2 unchanged index entries + 2 deleted and rewritten, 2 records of
    # notifications, and 1 for its number; 1 to claim the number, and 1 for how long it took.
    [writes] = [line for line in order_lines(PROD) if line.what == "Tables: writes"]

    assert writes.quantity == (1 + 4) + 3 * (1 + 2 + 2 * 2 + 2 + 1) + 1 + 1


def test_order_costs_scale_with_orders_and_monthly_costs_do_not():
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
def test_a_setting_changes_only_its_own_lines(change, lines):
    before, after = dollars(every_line(PROD)), dollars(every_line(PROD | change))

    assert {what for what in after if after[what] > before[what]} == lines
    assert {what for what in after if after[what] != before[what]} == lines


@pytest.mark.parametrize(
    ("change", "prefix"),
    [({"webFirewall": True}, "Firewall"), ({"provisionedConcurrency": 2}, "Functions: provisioned")],
)
def test_a_disabled_feature_costs_nothing(change, prefix):
    off = PROD | {"webFirewall": False, "provisionedConcurrency": 0}
    added = dollars(every_line(off | change)).keys() - dollars(every_line(off)).keys()

    assert added
    assert [what for what in added if not what.startswith(prefix)] == []


def test_every_price_is_used_and_has_a_source():
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


def test_json_for_another_number_of_orders(capsys):
    assert main(["cost", "--stack", "dev", "--orders", "500", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)

    assert (document["stack"], document["orders"]) == ("dev", 500)
    expected = sum(line.dollars for line in bill(read_config("dev"), 500)["orders"])
    assert document["dollars"]["orders"] == round(expected, 2)
    assert math.isclose(sum(line["dollars"] for line in document["byOrder"]), expected)


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "many"])
def test_an_invalid_number_of_orders_is_a_usage_error(capsys, number):
    with pytest.raises(SystemExit) as ended:
        main(["cost", f"--orders={number}"])

    assert ended.value.code == 2
    assert f"expected a positive number of orders, got '{number}'" in capsys.readouterr().err


def test_an_unknown_stack_is_refused(capsys):
    assert main(["cost", "--stack", "moon"]) == 1
    assert capsys.readouterr().err == "unknown stack 'moon'; available: dev, local, prod\n"


def test_the_module_has_at_most_250_lines():
    assert len(Path(cost.__file__).read_text(encoding="utf-8").splitlines()) <= 250
