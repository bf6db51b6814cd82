"""What a stack costs: the arithmetic, and that what it counts is what the program makes and does."""

import json
import math
import re
from collections import Counter
from pathlib import Path

import pulumi_aws as aws
import pytest

from lambdas.orders.models import Item
from lambdas.orders.table import to_item
from ops import order_path
from ops.__main__ import main
from ops.cost import Bill, bill, lines
from ops.order_path import Use, api_requests, calls, of_an_order, polls, reads, writes
from ops.prices import PRICES
from ops.stacks import StackFacts, look_at
from ops.standing import FIREWALL_RULES, of_a_month
from tests.components.recorder import Recording, recorded_stack
from tests.lambdas.builders import an_order

ROOT = Path(__file__).parents[2]
SITE = ROOT / "site" / "public"

SMALL = StackFacts(
    resources=Counter({"aws:cloudwatch/metricAlarm:MetricAlarm": 2}),
    polled_queues=1,
    order_days=365,
    log_days=365,
    architecture="arm64",
    kept_started=0,
    user_price="user-essentials",
)


def dollars(made: Bill) -> dict[str, float]:
    return {line.what: line.dollars for line in [*made.by_order, *made.by_month]}


@pytest.fixture(scope="module")
def dev() -> StackFacts:
    return look_at("dev")


@pytest.fixture(scope="module")
def recorded() -> Recording:
    return recorded_stack("dev")


class TestArithmetic:
    def test_a_line_is_quantity_times_price(self):
        [line] = lines([Use("API", "api-request", 2, "why")], 3_000_000)

        assert (line.quantity, line.dollars) == (6_000_000, 21.0)  # at 3.50 a million

    def test_the_first_polls_come_faster(self):
        # After 0.5 s, 0.8 s later, 1.28 s later.
        assert [polls(seconds) for seconds in (0.4, 0.5, 1.29, 1.31, 2.5, 2.6)] == [0, 1, 1, 2, 2, 3]

    def test_and_then_one_every_five_seconds(self):
        assert polls(1050) - polls(50) == 200

    def test_an_order_writes_thirty_two_units(self):
        # 1 + 4 indexes; for each of 3 moves 1 + 2 entries that stay + 2 that are removed and written; 3 x 2 notes.
        assert writes() == (1 + 4) + 3 * (1 + 2 + 2 * 2) + 3 * 2

    def test_what_is_read_are_lists(self):
        # 26 orders of 800 bytes are six times 4 KB, at half a unit each; one order half a unit; a board asks 4 shards.
        board = 4 * (3 * 0.5 + 2 * 3.0)

        assert reads() == polls(180) * 3.0 + 12 * board + 2 * 4 * 0.5

    def test_the_api_gets_what_has_a_route(self):
        without = {"authorize", "publish_changes", "accept_order"}

        assert api_requests() == sum(number for module, number in calls().items() if module not in without)

    def test_it_grows_with_the_orders_and_the_month_does_not(self):
        one, ten = bill(SMALL, 1), bill(SMALL, 10)

        assert math.isclose(ten.of_orders, 10 * one.of_orders)
        assert ten.by_month == one.by_month

    def test_the_total_is_the_sum(self):
        made = bill(SMALL, 7)

        assert math.isclose(made.of_orders + made.of_month, sum(dollars(made).values()))

    def test_a_month_of_a_small_stack(self):
        by_month = {line.what: line.dollars for line in lines(of_a_month(SMALL))}

        assert math.isclose(by_month["Alarms"], 0.20)
        # Five connections that wait for 20 s: 15 requests a minute.
        assert math.isclose(by_month["Queues: asking"], 15 * 60 * 730 * 0.40 / 1e6)
        assert math.isclose(by_month["Traces: steady"], 730 * 3600 * 5 / 1e6)


class TestWhatAStackSays:
    @pytest.mark.parametrize(
        ("change", "line"),
        [
            ({"architecture": "x86_64"}, "Functions: time"),
            ({"user_price": "user-plus"}, "Sign-in: customer"),
            ({"order_days": 730}, "Tables: storage"),
            ({"order_days": 730}, "Tables: backup"),
            ({"log_days": 731}, "Logs: storage"),
            ({"polled_queues": 2}, "Queues: asking"),
        ],
    )
    def test_it_costs_more(self, change, line):
        before, after = dollars(bill(SMALL, 1)), dollars(bill(SMALL._replace(**change), 1))

        assert after[line] > before[line]
        # Nothing else has another price.
        assert {what for what in after if after[what] != before[what]} <= {line, "Tables: storage", "Tables: backup"}

    def test_environments_that_are_kept_started_are_charged_by_the_second(self):
        made = dollars(bill(SMALL._replace(kept_started=4), 1))

        assert math.isclose(made["Functions: kept started"], 4 * 0.5 * 730 * 3600 * 0.0000033334)
        assert "Functions: kept started" not in dollars(bill(SMALL, 1))

    def test_a_firewall_is_charged_by_acl_by_rule_and_by_request(self):
        made = dollars(bill(SMALL._replace(resources=Counter({"aws:wafv2/webAcl:WebAcl": 2})), 1_000_000))
        assert {len(acl["rules"]) for acl in recorded_stack("prod").of(aws.wafv2.WebAcl)} == {FIREWALL_RULES}

        assert (made["Firewall: web ACLs"], made["Firewall: rules"]) == (10, 8)
        # Before the CDN the site's files and the API's requests; before the API those again.
        assert math.isclose(made["Firewall: requests"], (15 + 2 * api_requests()) * 0.60)
        assert not [what for what in dollars(bill(SMALL, 1)) if what.startswith("Firewall")]


class TestPrices:
    def test_each_says_where_aws_publishes_it(self):
        assert [name for name, price in PRICES.items() if not price.page.startswith("https://aws.amazon.com/")] == []

    def test_none_is_there_for_nothing(self):
        used = {
            use.price
            for architecture in ("arm64", "x86_64")
            for user in ("user-essentials", "user-plus")
            for stack in [
                SMALL._replace(
                    architecture=architecture,
                    user_price=user,
                    kept_started=1,
                    resources=Counter(
                        {
                            "aws:cloudwatch/metricAlarm:MetricAlarm": 1,
                            "aws:cloudwatch/dashboard:Dashboard": 1,
                            "aws:kms/key:Key": 1,
                            "aws:wafv2/webAcl:WebAcl": 1,
                        }
                    ),
                )
            ]
            for use in [*of_an_order(stack), *of_a_month(stack)]
        }

        assert used == PRICES.keys()


class TestTheProgram:
    def test_what_is_counted_is_what_it_makes(self, dev, recorded):
        made = Counter(resource.type for resource in recorded.custom)

        assert dev.resources == made
        assert dev.resources["aws:cloudwatch/metricAlarm:MetricAlarm"] == len(recorded.of(aws.cloudwatch.MetricAlarm))

    def test_queues_that_feed_a_function_are_asked(self, dev, recorded):
        sources = [source["eventSourceArn"] for source in recorded.of(aws.lambda_.EventSourceMapping)]

        assert dev.polled_queues == sum(arn.startswith("arn:aws:sqs:") for arn in sources) > 0

    def test_functions_on_the_way_of_an_order_are_there_and_as_large(self, recorded):
        functions = {function["handler"].split(".")[1]: function for function in recorded.of(aws.lambda_.Function)}

        assert calls().keys() - functions.keys() == set()
        assert {functions[module]["memorySize"] for module in calls()} == {order_path.MEMORY_GB * 1024}
        assert calls().keys() == order_path.MILLISECONDS.keys()
        assert (order_path.LINES.keys() | order_path.METRIC_LINES.keys()) <= calls().keys()

    def test_an_order_is_as_large_as_it_says(self):
        order = an_order(
            "01JCAFE0000000000000000000",
            "8f14e45f-ceea-467f-a9b5-0123456789ab",
            items=[Item("Cappuccino", 1, "coffee"), Item("Croissant", 2, "pastry"), Item("Espresso", 1, "coffee")],
            correlation_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        )
        stored, sent = len(json.dumps(to_item(order))), len(json.dumps(order.public()))

        # The item's JSON has type marks and quotes that the table does not count.
        assert 0.5 * stored < order_path.ITEM_BYTES <= stored
        assert 0.8 * sent < order_path.ORDER_BYTES < 1.2 * sent


class TestTheSite:
    def test_it_polls_as_its_source_says(self):
        source = (SITE / "lib" / "poller.js").read_text(encoding="utf-8")
        constants = dict(re.findall(r"^const (\w+) = ([\d.]+);", source, re.MULTILINE))

        assert float(constants["FIRST_MS"]) == 1000 * order_path.FIRST_POLL_SECONDS
        assert float(constants["SLOWEST_MS"]) == 1000 * order_path.SLOWEST_POLL_SECONDS
        assert float(constants["GROWTH"]) == order_path.POLL_GROWTH

    def test_the_board_asks_for_as_many_lists(self):
        source = (SITE / "api" / "worker.js").read_text(encoding="utf-8")
        lists = re.findall(r"^const (\w+) = \[(.*)\];", source, re.MULTILINE)
        statuses = {name: listed.count(",") + 1 for name, listed in lists}

        assert (statuses["OPEN"], statuses["ENDS"]) == (order_path.OPEN_LISTS, order_path.ENDED_LISTS)

    def test_the_board_asks_for_photos_as_often(self):
        source = (SITE / "elements" / "caffe-board" / "board.js").read_text(encoding="utf-8")

        assert f"const PHOTOS_MS = {order_path.PHOTO_POLL_SECONDS}_000;" in source

    def test_a_visit_is_what_its_test_allows(self):
        limits = (ROOT / "tests" / "site" / "test_loading.py").read_text(encoding="utf-8")

        assert f"MAX_REQUESTS = {order_path.VISIT_REQUESTS}\n" in limits


class TestCommand:
    @pytest.fixture(autouse=True)
    def _looked(self, monkeypatch, request):
        """What a look at the program told is told again, where the test has one."""
        if "dev" in request.fixturenames:
            facts = request.getfixturevalue("dev")
            monkeypatch.setattr("ops.stacks.look_at", {"dev": facts, "prod": facts}.__getitem__)

    def test_the_bill_is_printed(self, capsys, dev):
        assert main(["cost"]) == 0
        out = capsys.readouterr().out
        made = bill(dev, 1_000_000)

        assert "1,000,000 orders (stack prod)" in out
        assert all(line.what in out and f"{line.dollars:,.2f}" in out for line in [*made.by_order, *made.by_month])
        assert f"{made.of_orders:,.2f}" in out
        assert f"{made.of_month:,.2f}" in out

    def test_as_json_for_another_number_of_orders(self, capsys, dev):
        assert main(["cost", "--stack", "dev", "--orders", "500", "--json"]) == 0
        document = json.loads(capsys.readouterr().out)

        assert (document["stack"], document["orders"]) == ("dev", 500)
        assert document["dollars"]["orders"] == round(bill(dev, 500).of_orders, 2)
        assert math.isclose(sum(line["dollars"] for line in document["byOrder"]), bill(dev, 500).of_orders)

    @pytest.mark.parametrize("number", ["0", "-1", "1.5", "many"])
    def test_no_number_of_orders_is_a_wrong_call(self, capsys, number):
        with pytest.raises(SystemExit) as ended:
            main(["cost", f"--orders={number}"])

        assert ended.value.code == 2
        assert f"'{number}' is not a number of orders; allowed is a whole number from 1" in capsys.readouterr().err

    def test_a_stack_that_is_not_there(self, capsys):
        assert main(["cost", "--stack", "moon"]) == 1
        assert capsys.readouterr().err == "there is no stack 'moon'; there is dev, local, prod\n"
