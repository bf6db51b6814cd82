"""Saved changes of the program are applied to the running café."""

import itertools
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.control import ask
from local.errors import UserError
from local.home import Home
from tests.local.conftest import ROOT, TIMEOUT_SECONDS, eventually, local, running_cafe, soonest
from tests.local.live.conftest import copied_project, log, seconds_until

pytestmark = pytest.mark.long

SECONDS = 4.0
"""Maximum time until a saved change is applied, median of five."""

ROUTES, ORDERS_API = "lambdas/api/routes.py", "components/orders_api.py"
ALARMS, PIPELINE = "components/monitoring/alarms.py", "components/event_pipeline/pipeline.py"
TABLE = "components/blocks/table.py"
STACK = "Pulumi.local.yaml"

USED = "    used = {*keys,"
ANOTHER_INDEX = """    if name.endswith("-orders"):
        indexes = [*indexes, ("byStaff", {key!r}, {sort!r}, {local}, "KEYS_ONLY")]
"""
"""Adds an index to the orders table."""


@pytest.fixture
def edit(live, root, save):
    """Replaces text in a file and waits until that is applied. Returns what the run has logged about it."""

    def edit(path, old, new, *, until="applied in "):
        source = (root / path).read_text()
        assert old in source
        before = len(log(live))
        save(**{path: source.replace(old, new, 1)})
        seconds_until(lambda: until in log(live)[before:])
        return log(live)[before:]

    return edit


def alarm(live, name):
    alarms = live.aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return next(it for it in alarms if f"-{name}-" in it["AlarmName"])


def test_a_new_route_answers_and_a_removed_one_does_not(live, root, save, edit):
    handler = (root / "lambdas/get_order.py").read_text()
    route = '    Route("GET", "/orders/{customer}/{id}", "signed-in", "get_order"),\n'
    new_route = route.replace('{id}"', '{id}/again"').replace("get_order", "get_again")
    row = (
        '            "get_order": also('
        'function_args("Returns one order", table, "dynamodb:GetItem"), "dynamodb:Query"),\n'
    )
    placed = live.api.post(
        "orders", json={"items": [{"name": "Lemonade", "type": "hot", "qty": 1}]}, headers=live.sign_in("ann")
    )
    path = f"orders/{placed.json()['customer']}/{placed.json()['id']}/again"
    assert live.api.get(path, headers=live.sign_in("ann")).status_code == 404

    save(**{"lambdas/get_again.py": handler})
    edit(ORDERS_API, row, row + row.replace("get_order", "get_again"))
    said = edit(ROUTES, route, route + new_route)

    assert " +  aws:lambda/permission:Permission" in said
    assert "aws:apigateway/restApiPut:RestApiPut" in said
    # A new token: the authorizer's answer for the earlier one is cached.
    assert live.api.get(path, headers=live.sign_in("ann")).json()["id"] == placed.json()["id"]

    edit(ROUTES, new_route, "")
    edit(ORDERS_API, row.replace("get_order", "get_again"), "")

    assert live.api.get(path, headers=live.sign_in("ann")).status_code == 404
    names = [it["FunctionName"] for it in live.aws.client("lambda").list_functions(MaxItems=50)["Functions"]]
    assert not [name for name in names if "again" in name]


def test_a_table_gets_another_index_and_keeps_its_data(live, edit):
    dynamodb, table = live.aws.client("dynamodb"), live.outputs["ordersTableName"]
    count = dynamodb.scan(TableName=table, Select="COUNT")["Count"]
    assert count > 0

    index = ANOTHER_INDEX.format(key="staff", sort=None, local=False)
    said = edit(TABLE, USED, index + USED)

    assert "cafe-local-pipeline-orders update [diff: ~attributes,~globalSecondaryIndexes]" in said
    indexes = dynamodb.describe_table(TableName=table)["Table"]["GlobalSecondaryIndexes"]
    assert "byStaff" in {index["IndexName"] for index in indexes}
    assert dynamodb.scan(TableName=table, Select="COUNT")["Count"] == count


def test_a_queues_visibility_changes(live, edit):
    edit(PIPELINE, "VISIBILITY_FACTOR * TIMEOUT_SECONDS", "VISIBILITY_FACTOR * TIMEOUT_SECONDS + 7")

    sqs = live.aws.client("sqs")
    answer = sqs.get_queue_attributes(QueueUrl=live.outputs["ordersQueueUrl"], AttributeNames=["VisibilityTimeout"])
    assert answer["Attributes"]["VisibilityTimeout"] == "67"


def test_a_broken_program_changes_nothing_and_is_repaired(live, root, edit):
    before = alarm(live, "orders-backlog")

    said = edit(ALARMS, "threshold=alarm.threshold", "threshold=alarm.threshold + )", until="save again to retry")

    assert "SyntaxError" in said
    assert f'File "{root / ALARMS}"' in said
    assert "/local/" not in said, "only the program's own frames"
    assert alarm(live, "orders-backlog") == before

    edit(ALARMS, "threshold=alarm.threshold + )", "threshold=alarm.threshold + 5")

    assert alarm(live, "orders-backlog")["Threshold"] == before["Threshold"] + 5


def test_an_invalid_setting_is_one_line(live, edit):
    said = edit(STACK, "cafe:invoiceOrders: true", "cafe:invoiceOrders: yes please", until="save again to retry")

    assert f"{STACK}: cafe:invoiceOrders: expected one of true, false, got 'yes please'\n" in said
    assert "Traceback" not in said


def test_an_unsupported_type_changes_nothing(live, edit):
    said = edit(
        "__main__.py", "# Operations.", "import pulumi_aws\npulumi_aws.glue.CatalogDatabase('d')", until="retry"
    )

    assert "the local run does not support the resource type aws:glue/catalogDatabase:CatalogDatabase (d)" in said
    assert "update" not in said


def test_an_unchanged_program_is_left_alone(live, edit):
    said = edit("components/blocks/iam.py", '"""', '# A comment.\n"""', until="no changes")

    assert said.startswith("components/blocks/iam.py: no changes, ")


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (ALARMS, "threshold=alarm.threshold", "threshold=alarm.threshold + {n}"),
        (ROUTES, '"/form"', '"/form{n}"'),
        (STACK, "cafe:invoiceOrders: true", "cafe:invoiceOrders: true\n  cafe:photoQuotaCount: {n}"),
    ],
    ids=["alarm", "route", "environment variable"],
)
def test_a_change_is_applied_within_seconds(live, root, save, path, old, new):
    source = (root / path).read_text()

    def seconds(n):
        before = len(log(live))
        save(**{path: source.replace(old, new.format(n=n))})
        return seconds_until(lambda: "applied in " in log(live)[before:])

    def median():
        return statistics.median(seconds(next(numbers)) for _ in range(5))

    numbers = itertools.count(1)
    assert soonest(median, SECONDS) < SECONDS


def test_a_new_output_is_written(live, edit):
    said = edit("__main__.py", "# Operations.", "pulumi.export('greeting', 'hello')\n")

    assert " +  output greeting\n" in said
    assert json.loads((live.home / "outputs.json").read_text())["greeting"] == "hello"


def test_a_program_that_exits_does_not_end_the_run(live, edit):
    said = edit("__main__.py", "# Operations.", "raise SystemExit(3)\n", until="save again to retry")

    assert "__main__.py: the program called sys.exit(3); it must run to its end\n" in said
    assert live.sign_in("ann")


def test_two_edits_within_a_second_are_both_applied(live, root, save):
    source, before = (root / ALARMS).read_text(), log(live).count("applied in ")
    for n, threshold in enumerate((71, 72, 73), before):
        save(**{ALARMS: source.replace("threshold=alarm.threshold", f"threshold={threshold}")})
        seconds_until(lambda n=n: log(live).count("applied in ") > n)

    assert alarm(live, "orders-backlog")["Threshold"] == 73


class TestSecondTerminal:
    """`up` and `preview --diff` while the café runs."""

    def run(self, live, root, command, *options):
        return local(command, "--home", str(live.home), *options, root=root, stdin=subprocess.DEVNULL)

    def concurrency(self, live):
        sources = live.aws.client("lambda").list_event_source_mappings()["EventSourceMappings"]
        return {it["ScalingConfig"]["MaximumConcurrency"] for it in sources if it.get("ScalingConfig")}

    def test_up_without_changes_says_so(self, live, root):
        for options in ([], ["--detach"], ["--port", str(live.port)]):
            again = self.run(live, root, "up", *options)

            assert (again.returncode, again.stderr) == (0, "")
            assert again.stdout.startswith("no changes, ")

    def test_up_shows_the_difference_and_applies_it_when_told_to(self, live, root):
        setting = ["--config", "queueConcurrency=9"]

        asked = self.run(live, root, "up", *setting)
        assert asked.returncode == 1
        assert asked.stderr == "pass --yes to apply the changes without a prompt\n"
        assert "cafe-local-pipeline-orders-queue-source update [diff: ~scalingConfig]" in asked.stdout
        assert 9 not in self.concurrency(live)

        assert self.run(live, root, "up", *setting, "--yes").returncode == 0
        assert self.concurrency(live) == {9}

    def test_a_setting_that_was_applied_remains_until_another_is(self, live, root, edit):
        edit(ALARMS, "threshold=alarm.threshold", "threshold=alarm.threshold + 3")
        assert self.concurrency(live) == {9}

        assert self.run(live, root, "up", "--config", "queueConcurrency=10", "--yes").returncode == 0
        assert self.concurrency(live) == {10}

    def test_preview_shows_the_difference_and_applies_nothing(self, live, root):
        shown = self.run(live, root, "preview", "--diff", "--config", "throttlingRateLimit=9")

        assert shown.returncode == 0
        assert "aws:apigateway/methodSettings:MethodSettings" in shown.stdout
        assert self.run(live, root, "preview", "--diff").stdout.startswith("no changes, ")

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (["--stack", "dev"], "the run has the stack 'local', not 'dev'; use another --home\n"),
            (
                ["--config", "queueConcurrency=0"],
                "cafe:queueConcurrency: expected an integer from 2 to 1000, got '0'\n",
            ),
        ],
    )
    def test_what_cannot_be_compared_is_refused_in_one_line(self, live, root, options, message):
        refused = self.run(live, root, "preview", "--diff", *options)

        assert (refused.returncode, refused.stderr) == (1, message)

    def test_another_port_is_refused(self, live, root):
        refused = self.run(live, root, "up", "--port", "1")

        assert refused.stderr == f"the run has the port {live.port}, not 1; use another --home\n"

    def test_a_stranger_is_not_heard(self, live, root):
        port = json.loads((live.home / "control.json").read_text())["port"]
        assert (live.home / "control.json").stat().st_mode & 0o077 == 0
        with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS) as stranger:
            stranger.sendall(b"\0\0\0\x04junk")

        assert self.run(live, root, "preview", "--diff").stdout.startswith("no changes, ")


def test_a_replacement_that_would_lose_data_waits_for_up(live, root, edit):
    dynamodb, table = live.aws.client("dynamodb"), live.outputs["ordersTableName"]
    index = ANOTHER_INDEX.format(key="customer", sort="staff", local=True)

    said = edit(TABLE, USED, index + USED, until="nothing was changed")

    assert "+- aws:dynamodb/table:Table" in said
    assert "Table cafe-local-pipeline-orders would lose their data; run `" in said
    assert re.search(r"run `\S*python -m local up --home \S+` in another terminal", said)
    assert table in dynamodb.list_tables()["TableNames"]

    replaced = local("up", "--yes", "--home", str(live.home), root=root)

    assert replaced.returncode == 0, replaced.stderr
    assert "aws:dynamodb/table:Table cafe-local-pipeline-orders will lose its data" in replaced.stdout
    assert table not in dynamodb.list_tables()["TableNames"]
    # The seeded users remain, and the seeded orders are placed again.
    assert len(live.api.get("orders", headers=live.sign_in("ann")).json()) == 2

    def test_a_connection_that_says_nothing_keeps_nobody_waiting(self, live, root):
        port = json.loads((live.home / "control.json").read_text())["port"]
        with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS):
            assert self.run(live, root, "preview", "--diff").returncode == 0

    def test_a_plan_that_is_no_longer_true_is_not_applied(self, live, root):
        about = {"project": str(root), "stack": "local", "port": None, "given": ["queueConcurrency=8"]}

        with pytest.raises(UserError, match="the program has changed meanwhile, and nothing was applied"):
            ask(Home(live.home), {"request": "apply", "lines": ["what was shown"], **about})
        assert 8 not in self.concurrency(live)

    def test_another_checkout_is_refused(self, live, root):
        refused = local("preview", "--diff", "--home", str(live.home))

        assert refused.returncode == 1
        assert refused.stderr == f"the run has the project '{root}', not '{ROOT}'; use another --home\n"


def test_a_program_that_never_ends_does_not_keep_the_run_alive(tmp_path_factory):
    root = copied_project(tmp_path_factory)
    with running_cafe(tmp_path_factory.mktemp("loop"), root=root) as cafe:
        (root / "__main__.py").write_text("while True:\n    pass\n")
        began = cpu_seconds(int((cafe.home / "pid").read_text()))
        eventually(lambda: cpu_seconds(int((cafe.home / "pid").read_text())) > began + 3)
        began = time.monotonic()

        assert local("down", "--home", str(cafe.home)).returncode == 0

        assert time.monotonic() - began < 15, "it had to be killed"


def cpu_seconds(pid):
    """The CPU time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_after_a_kill_in_the_middle_the_next_up_is_whole(tmp_path):
    home = tmp_path / "home"
    with running_cafe(home) as cafe:
        pid = int((home / "pid").read_text())
        command = [sys.executable, "-m", "local", "up", "--home", str(home), "--yes", "--config", "workflow=true"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as applying:
            machines = cafe.aws.client("stepfunctions").list_state_machines
            eventually(lambda: machines()["stateMachines"])
            os.kill(pid, signal.SIGKILL)
            assert b"ended before it answered" in applying.communicate(timeout=TIMEOUT_SECONDS)[1]

        again = local("up", "--detach", "--home", str(home))
        assert again.returncode == 0, again.stderr
        assert local("preview", "--diff", "--home", str(home)).stdout.startswith("no changes, ")
        assert local("output", "apiUrl", "--home", str(home)).returncode == 0
