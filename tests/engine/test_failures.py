"""A deployment that stops half-way, and stacks that must not be deleted."""

import json
import os
import signal
import subprocess
import sys

import pytest
from pulumi.automation.errors import CommandError

from tests.engine.provider import REFUSED
from tests.local.conftest import ROOT, TIMEOUT_SECONDS, eventually
from tests.local.inventory import inventory

pytestmark = pytest.mark.long


def test_a_failure_names_its_resource_and_the_next_up_goes_on(make_stack, monkeypatch):
    stack = make_stack("dev", functionLayer=False)
    monkeypatch.setenv(REFUSED, "cafe-dev-orders-get-order")

    with pytest.raises(CommandError):
        stack.up()

    assert any("refused by this test" in message for message in stack.last.messages)
    assert "cafe-dev-orders-get-order" in str(stack.last.failed)
    before = len(stack.deployed())
    assert before > 50

    monkeypatch.delenv(REFUSED)
    run = stack.up()

    assert run.messages == []
    assert {change.operation for change in run.changes} == {"create"}
    assert len(run.changes) + before == len(stack.deployed())
    stack.destroy()


FIXED_NAMES = {
    f"cafe-dev-{name}" for name in ("auth-domain", "auth-mailers", "auth-staff", "auth-order-api", "live-orders")
}
"""What the engine cannot create twice, as on AWS, and creates in the first half of a deployment."""


def saved_names(stack):
    """The names of the resources in a stack's state file. Raises `ValueError` while the engine writes it."""
    state = json.loads((stack.folder / ".pulumi" / "stacks" / "cafe" / f"{stack.stack}.json").read_text())
    return {resource["urn"].rpartition("::")[2] for resource in state["checkpoint"]["latest"].get("resources", [])}


def kill_when_saved(group, stack, names):
    """Kill a process group when the state file has these names and is complete: the engine cannot read a half-written
    one. Return whether it was killed."""
    os.killpg(group, signal.SIGSTOP)
    try:
        complete = saved_names(stack) >= names
    except (FileNotFoundError, ValueError):
        complete = False
    os.killpg(group, signal.SIGKILL if complete else signal.SIGCONT)
    return complete


def test_a_killed_up_goes_on(make_stack):
    stack = make_stack("dev", functionLayer=False)
    up = [sys.executable, "-m", "tests.engine.pulumi", str(stack.folder), stack.stack, str(stack.root)]
    with subprocess.Popen(up, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL) as process:
        eventually(lambda: kill_when_saved(process.pid, stack, FIXED_NAMES))
        process.wait(TIMEOUT_SECONDS)

    stack.automation.cancel()
    run = stack.up()

    # What was being created when the engine died is unknown to it, as on AWS: it warns, and creates it again.
    assert run.errors == []
    assert stack.preview(expect_no_changes=True).changes == []
    stack.destroy()


def test_a_protected_stack_is_deleted_only_after_protection_is_off(make_stack, engine_aws):
    stack = make_stack("dev", functionLayer=False, protect=True)
    nothing = inventory(engine_aws)
    stack.up()
    before = inventory(engine_aws)

    # The Automation API skips the preview of a destroy, which is what refuses.
    with pytest.raises(subprocess.CalledProcessError) as refused:
        stack.command("destroy", "--yes")

    assert "cannot be deleted" in refused.value.output
    assert "protected" in refused.value.output
    assert inventory(engine_aws) == before

    # The way that docs/aws.md describes.
    stack.command("config", "set", "protect", "false")
    stack.command("state", "unprotect", "--all", "--yes")
    stack.up()
    stack.command("destroy", "--yes")

    # The account's log role and its boundary are shared with the region's other APIs.
    left = {found.partition("cafe-dev-")[2].rpartition("-")[0] for found in inventory(engine_aws) - nothing}
    assert left == {"api-log-role", "boundary"}
