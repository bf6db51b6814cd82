"""The components as a package, installed from the project in its own folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.components.recorder import ROOT

pytestmark = pytest.mark.long

PROGRAM = """
import sys
import components, lambdas
print(components.__file__, lambdas.__file__)
from components.event_pipeline.pipeline import EventPipeline
from components.packaging.function_code import function_code
print(*sorted(function_code("lambdas.invoice_order").assets))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where the package is installed."""
    target = tmp_path_factory.mktemp("installed")
    uv = Path(sys.executable).parent / "uv"
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--no-deps", "--target", target, ROOT], check=True, timeout=600, cwd=target
    )
    return target


def test_it_contains_only_the_components_and_the_functions(package: Path) -> None:
    assert {path.name for path in package.iterdir() if not path.name.startswith((".", "cafe-"))} == {
        *("components", "lambdas")
    }


def test_it_works_outside_the_project(package: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        cwd=package.parent,
        env={"PYTHONPATH": str(package), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    where, code = done.stdout.splitlines()

    assert all(path.startswith(str(package)) for path in where.split())
    assert "lambdas/invoice_order.py" in code.split()
