"""The outputs of `pulumi stack output`, and what is done with them."""

import json
import re
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from local.cafe.seed import api_client, seed
from tests.local.conftest import ROOT, TIMEOUT_SECONDS, eventually

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def outputs(make_stack, engine_emulator):
    """The outputs of the stack for a laptop, as JSON."""
    stack = make_stack("local")
    text = stack.file.read_text().replace("http://localhost:4566", engine_emulator.endpoint)
    stack.file.write_text(text)
    assert stack.up().messages == []
    return stack.command("stack", "output", "--json")


def test_they_are_the_contract(outputs):
    found = json.loads(outputs)
    documented = re.findall(r"`(\w+)`", (ROOT / "docs/outputs.md").read_text())

    assert set(found) <= set(documented)
    assert {"apiUrl", "webappUrl", "userPoolClientId", "ordersTableName", "sqsLambda"} <= set(found)


def test_no_output_is_a_secret(outputs):
    # `pulumi stack output` hides secrets behind this.
    assert "[secret]" not in outputs


def test_the_site_is_published_and_an_order_is_accepted(outputs, engine_aws):
    found = json.loads(outputs)
    port = urlsplit(found["apiUrl"]).port
    published = subprocess.run(
        [sys.executable, "site/deploy.py", "--outputs", "-"],
        cwd=ROOT,
        input=outputs,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        env={
            "AWS_ENDPOINT_URL": f"http://localhost:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        },
    )
    assert published.returncode == 0, published.stderr
    with api_client(found["webappUrl"], port) as site:
        assert "<title>" in site.get("").text

    seed(engine_aws, found, port)

    def statuses():
        orders = engine_aws.client("dynamodb").scan(TableName=found["ordersTableName"])["Items"]
        return [order["status"]["S"] for order in orders if "status" in order]  # not the sets of open orders

    eventually(lambda: statuses() == ["accepted"] * 3)
