"""The CLI, an emulator for each module, and stacks on it."""

import os
import shutil
from pathlib import Path

import pytest

from local.emulator_client import Aws
from tests.engine.pulumi import PulumiStack, find_pulumi
from tests.local.conftest import ROOT, running_emulator


def pytest_collection_modifyitems(items):
    # The Automation API leaves the sockets of its event loops to garbage collection.
    unclosed = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(unclosed)


@pytest.fixture(scope="session")
def pulumi():
    """The folder of the CLI."""
    if folder := find_pulumi():
        return folder
    missing = "no Pulumi CLI that is new enough: run `make pulumi`, which needs Go, or install it"
    return pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)


@pytest.fixture(scope="module")
def engine_emulator(pulumi, tmp_path_factory):
    """An emulator that has only what a module's tests make."""
    with running_emulator(tmp_path_factory.mktemp("engine-emulator")) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def engine_aws(engine_emulator):
    return Aws(engine_emulator.endpoint, "us-east-1")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A writable copy of the program."""
    root = tmp_path_factory.mktemp("project")
    for name in ("components", "lambdas", "site"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in [ROOT / "__main__.py", ROOT / "uv.lock", ROOT / "pyproject.toml", *ROOT.glob("Pulumi*.yaml")]:
        shutil.copy(path, root)
    return root


@pytest.fixture(scope="module")
def make_stack(pulumi, engine_emulator, project, tmp_path_factory):
    """Makes a stack whose provider talks to the emulator, with settings."""

    def make(stack, /, **settings):
        config = {
            "aws:region": "us-east-1",
            "aws:endpoints": [{"dynamodb": engine_emulator.endpoint}],
            **{f"cafe:{key}": value for key, value in settings.items()},
        }
        made = PulumiStack(tmp_path_factory.mktemp(stack), pulumi, stack, project)
        made.configure(config)
        return made

    return make


@pytest.fixture(scope="module")
def dev(make_stack):
    """The stack dev. Its functions' packages are the emulator's own."""
    return make_stack("dev", functionLayer=False)


OPTIONAL_PARTS = {
    "workflow": True,
    "snapStart": True,
    "gradualRelease": "Canary10Percent5Minutes",
    "reservedConcurrency": 25,
    "notificationEmail": "status@example.com",
    "operationsEmail": "operations@example.com",
    "mailFrom": "cafe@example.com",
    "invoiceOrders": True,
    "webFirewall": True,
    "siteDomain": "cafe.example.com",
    "apiDomain": "api.example.com",
    "hostedZoneId": "Z123",
    "accessLogs": True,
    "advancedSecurity": "AUDIT",
    "protect": True,
}
"""Settings that turn on every optional part."""
