"""The commands that talk to a running café: `env`, `logs` and `invoke`."""

import json
import re
import subprocess
import sys

import pytest

from local.home import Home
from tests.local.conftest import ROOT, TIMEOUT_SECONDS, eventually, local

ORDER = {"items": [{"name": "Espresso", "type": "coffee", "qty": 1}]}


@pytest.fixture
def talk(cafe):
    """Runs one of these commands."""

    def run(*arguments):
        return local(*arguments, "--home", str(cafe.home))

    return run


@pytest.fixture
def ordered(cafe):
    """The ID of an order that the kitchen has accepted."""
    headers = cafe.sign_in("ann")
    order = cafe.api.post("orders", json=ORDER, headers=headers).json()
    path = f"orders/{order['customer']}/{order['id']}"
    eventually(lambda: cafe.api.get(path, headers=headers).json()["status"] == "accepted")
    return order["id"]


class TestEnvironment:
    def test_a_shell_that_evaluates_it_reaches_the_run(self, cafe, talk, tmp_path):
        program = "import boto3; print(*boto3.client('dynamodb').list_tables()['TableNames'])"
        (tmp_path / "config").write_text("[profile other]\nregion = eu-west-1\n")

        listed = subprocess.run(
            ["/bin/sh", "-c", f'{talk("env").stdout}\n"{sys.executable}" -c "{program}"'],
            env={"AWS_PROFILE": "other", "AWS_CONFIG_FILE": str(tmp_path / "config")},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )

        assert cafe.outputs["ordersTableName"] in listed.stdout.split(), listed.stderr


class TestLogs:
    def test_an_order_is_followed_through_all_functions(self, talk, ordered):
        def functions():
            lines = talk("logs", "--order", ordered).stdout.splitlines()
            return [line.split()[1] for line in lines if ordered in line]

        eventually(lambda: len(functions()) >= 4)
        assert functions()[:4] == ["create_order", "publish_changes", "accept_order", "publish_changes"]

    def test_one_function_only(self, talk, ordered):
        lines = talk("logs", "create_order").stdout.splitlines()

        assert any(re.fullmatch(rf"[\d:.]+ create_order INFO created order={ordered}", line) for line in lines)
        assert {line.split()[1] for line in lines} == {"create_order"}

    def test_new_lines_are_followed(self, cafe):
        command = [sys.executable, "-m", "local", "logs", "create_guest", "--follow", "--home", str(cafe.home)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            try:
                cafe.api.post("guests", json={})
                first = process.stdout.readline()
                cafe.api.post("guests", json={})
                second = process.stdout.readline()
            finally:
                process.terminate()

        assert "create_guest INFO answered status=201" in first
        assert "create_guest INFO answered status=201" in second

    def test_an_unknown_function_is_refused_with_those_that_there_are(self, talk):
        refused = talk("logs", "creat_order")

        assert refused.returncode == 1
        assert refused.stderr.startswith("unknown function 'creat_order'; available: accept_order, ")
        assert "create_order" in refused.stderr


class TestInvoke:
    def test_a_request_of_a_user(self, talk, ordered):
        answered = talk("invoke", "get_orders", "--as", "ann", "--path", "/orders?limit=1")

        assert answered.returncode == 0, answered.stderr
        returned = json.loads(answered.stdout)
        assert returned["statusCode"] == 200
        assert len(json.loads(returned["body"])) == 1
        assert "INFO answered status=200" in answered.stderr

    def test_a_request_with_a_body_and_one_with_a_path_parameter(self, cafe, talk):
        created = talk("invoke", "create_order", "--as", "bob", "--path", "orders", "--body", json.dumps(ORDER))
        order = json.loads(json.loads(created.stdout)["body"])

        found = talk("invoke", "get_order", "--as", "bob", "--path", f"/orders/{order['customer']}/{order['id']}")

        assert json.loads(json.loads(found.stdout)["body"])["id"] == order["id"]

    def test_a_request_of_nobody(self, talk):
        assert json.loads(talk("invoke", "manage_menu", "--path", "/menu").stdout)["statusCode"] == 200

    def test_an_event_of_a_file(self, talk, tmp_path):
        (tmp_path / "event.json").write_text(json.dumps({"Records": []}))

        answered = talk("invoke", "publish_changes", "--event", str(tmp_path / "event.json"))

        assert answered.returncode == 1
        assert 'File "lambdas/runtime/batch.py", line ' in answered.stderr
        assert answered.stderr.splitlines()[-1].startswith("publish_changes failed: ")
        assert "scratch" not in answered.stderr

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (
                ["get_orders", "--path", "/cafe"],
                "GET /cafe does not call get_orders; it takes GET /orders, HEAD /orders",
            ),
            (["accept_order", "--path", "/orders"], "GET /orders does not call accept_order; it takes no requests"),
            (["get_orders", "--as", "eve", "--path", "/orders"], "--as eve: "),
            (["get_orders", "--event", "/nowhere.json"], "--event /nowhere.json cannot be read: No such file"),
            (["get_orders", "--as", "ann"], "--as, --method and --body belong to a request: name its --path"),
            (["nothing"], "unknown function 'nothing'; available: accept_order, "),
        ],
    )
    def test_a_request_that_cannot_be_made_is_refused(self, talk, arguments, message):
        refused = talk("invoke", *arguments)

        assert refused.returncode == 1
        assert refused.stderr.startswith(message)
        assert refused.stdout == ""


@pytest.mark.parametrize("command", [["env"], ["logs"], ["invoke", "get_orders"]])
def test_without_a_run_they_say_how_to_start_one(tmp_path, command):
    refused = local(*command, "--home", str(tmp_path))

    assert refused.returncode == 1
    assert refused.stderr == f"nothing is running in {tmp_path}; start it with `{Home(tmp_path).command('up')}`\n"
