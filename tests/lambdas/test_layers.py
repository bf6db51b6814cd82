"""What may lean on what. Checked in a fresh interpreter: in this one everything has long been imported."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOMAIN = [
    "lambdas.errors",
    "lambdas.identity.models",
    "lambdas.identity.policy",
    "lambdas.identity.tokens",
    "lambdas.routes",
    *(
        f"lambdas.orders.{module}"
        for module in ("access", "events", "html", "keys", "lifecycle", "models", "paging", "service", "store")
    ),
]
EVERYTHING = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in (ROOT / "lambdas").rglob("[!_]*.py")
)


def imported_by(*modules: str) -> set[str]:
    """All modules in an interpreter that has imported these, in an empty environment."""
    imports = "\n".join(f"import {module}" for module in modules)
    source = f"import json, sys\n{imports}\nprint(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", source], cwd=ROOT, env={}, check=True, capture_output=True)
    return set(json.loads(done.stdout))


@pytest.fixture(scope="module")
def behind_the_domain():
    return imported_by(*DOMAIN)


@pytest.mark.parametrize("package", ["boto3", "botocore", "pulumi", "aws_lambda_powertools"])
def test_the_domain_stands_on_no_platform(behind_the_domain, package):
    assert {"lambdas.orders.service", "msgspec"} <= behind_the_domain
    assert package not in behind_the_domain


def test_nothing_reads_the_environment_when_it_is_imported():
    modules = imported_by(*EVERYTHING)

    assert set(EVERYTHING) <= modules
    assert not {"pulumi", "components", "local"} & modules


def test_authorizing_needs_no_aws_client():
    assert "boto3" not in imported_by("lambdas.authorize")
