"""The user's environment reaches neither the local run nor the commands that talk to it."""

import json
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from local.cafe.seed import PASSWORD, api_client
from tests.local.conftest import ROOT, TIMEOUT_SECONDS, local

pytestmark = pytest.mark.long

NOWHERE = "http://127.0.0.1:9"
"""Nothing listens there."""


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """Sets variables that would break the run, or change it."""
    folder = tmp_path / "modules"
    folder.mkdir()
    for module in ("rich", "yaml", "botocore", "httpx", "lambdas"):
        (folder / f"{module}.py").write_text("raise SystemExit('from PYTHONPATH')\n")
    unparsable = tmp_path / "config"
    unparsable.write_text("[profile\n")
    settings = {
        "AWS_CONFIG_FILE": str(unparsable),
        "AWS_ENDPOINT_URL": NOWHERE,
        "AWS_PROFILE": "unknown",
        "AWS_REGION": "eu-central-1",
        "LC_ALL": "C",
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        "PULUMI_CONFIG": json.dumps({"cafe:stageName": "theirs"}),
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONPATH": str(folder),
        "PYTHONUTF8": "0",
        **{name: NOWHERE for proxy in ("http_proxy", "https_proxy", "all_proxy") for name in (proxy, proxy.upper())},
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


def operate(*arguments):
    command = [sys.executable, "-m", "ops", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)


@pytest.mark.usefixtures("environment")
def test_the_run_and_its_commands_ignore_the_users_environment(tmp_path):
    home = ["--home", str(tmp_path / "home")]
    try:
        started = local("up", "--detach", *home)
        assert started.returncode == 0, started.stderr
        assert "The café is open" in started.stderr
        outputs = json.loads(local("output", "--json", *home).stdout)
        assert outputs["ordersTableArn"].split(":")[3] == "us-east-1"
        assert outputs["apiUrl"].endswith("/dev/")
        with api_client(outputs["apiUrl"], urlsplit(outputs["apiUrl"]).port) as api:
            signed_in = api.post("authenticate", json={"username": "ann@example.com", "password": PASSWORD})
            assert signed_in.status_code == 200
            order = {"items": [{"name": "Mint tea", "type": "tea", "qty": 1}], "pickupName": "Zoë"}
            headers = {"Authorization": signed_in.json()["token"]}
            assert api.post("orders", json=order, headers=headers).json()["pickupName"] == "Zoë"
        loaded = local("load", "10", *home)
        assert loaded.returncode == 0, loaded.stderr
        letters = operate("dead-letters", *home)
        assert letters.returncode == 0, letters.stderr
    finally:
        assert local("down", *home).returncode == 0


@pytest.mark.usefixtures("environment")
def test_a_preview_ignores_the_users_environment():
    shown = local("preview")

    assert shown.returncode == 0, shown.stderr
    assert "theirs" not in shown.stdout


@pytest.mark.parametrize("arguments", [["load", "5", "--output", "-"], ["logs", "--o", "1"]])
def test_options_cannot_be_abbreviated(arguments):
    refused = local(*arguments)

    assert refused.returncode == 2
    assert "unrecognized arguments" in refused.stderr


@pytest.mark.usefixtures("environment")
def test_commands_for_a_stack_on_aws_use_the_users_environment(tmp_path):
    outputs = tmp_path / "outputs.json"
    outputs.write_text(json.dumps({"ordersTableName": "orders"}))

    refused = operate("dead-letters", "--outputs", str(outputs))

    assert refused.returncode == 1
    assert "from PYTHONPATH" in refused.stdout + refused.stderr
