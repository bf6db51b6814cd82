"""Run the commands in the documentation, page by page, against the café on this machine.

Commands that cannot run here are recorded instead, and must be in the list `ELSEWHERE`. The local run answers
`pulumi stack output`, and the AWS CLI talks to the emulator.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.emulator import free_port
from tests.local.conftest import ROOT

pytestmark = pytest.mark.long

AWS_CLI = "awscli==1.46.3"


ELSEWHERE = {
    r"pulumi (stack|state|config|login|preview|up|destroy|package|install)\b.*": "needs the Pulumi CLI and an account",
    r"aws configure sso .*": "interactive",
    r"curl .*https://.*": "a third-party server",
    r"git (clone|revert) .*": "needs the repository's address and history",
    r"sudo installer .*": "macOS only",
    r"gh .*": "needs a repository on GitHub",
    r"aws cloudformation .*": "creates the role that GitHub assumes",
    r"aws dynamodb restore-table-to-point-in-time .*": "the emulator does not support it",
    r"pip install .*git\+https.*": "needs the repository's address; test_package.py installs the folder",
    r"make (up|test|everything|pulumi|lint|fuzz|soak|lighthouse)": "has its own test, or runs this one",
}
"""Commands that are not run here, and why."""

RELEASES = re.compile(r"^.*-m ops release .*$", re.MULTILINE)
"""Not run either: the emulator has no CodeDeploy. tests/ops/test_release.py covers these."""

SHOWN = {"aws.md": '"status":"accepted"'}
"""What a page's commands must print."""

SHIM = """#!{python}
import os, subprocess, sys
name, arguments = os.path.basename(sys.argv[0]), sys.argv[1:]
line = " ".join([name, *arguments])
elsewhere_only = {{"configure", "cloudformation", "restore-table-to-point-in-time"}}

def elsewhere():
    with open({noted!r}, "a", encoding="utf-8") as noted:
        print(line, file=noted)
    sys.exit(0)

def real(*command, **environment):
    path = os.environ["PATH"].split(":", 1)[1]
    os.execvpe(command[0], command, {{**os.environ, "PATH": path, **environment}})

if name == "pulumi" and arguments[:2] == ["stack", "output"]:
    real(".venv/bin/python", "-m", "local", "output", *arguments[2:])
elif name == "aws" and not elsewhere_only.intersection(arguments[:2]):
    real({uv!r}, "tool", "run", "--quiet", "--from", {aws_cli!r}, "aws", *arguments)
elif name == "curl" and not any(argument.startswith("https://") for argument in arguments):
    real("curl", *arguments)
elif name == "git" and arguments[0] == "clone":
    os.symlink(".", "cafe")
elif name == "make" and arguments == [".venv/ready"]:
    sys.exit(0)
elsewhere()
"""
"""Replaces the programs that act outside this machine."""


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


PAGES = [page for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))] if blocks(page)]


@pytest.fixture
def project(tmp_path):
    """A copy of the project, so that a café running from this one is not affected."""
    target = tmp_path / "project"
    files = subprocess.run(
        ["/usr/bin/env", "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    for name in filter(None, files.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    (target / ".venv").symlink_to(Path(sys.prefix), target_is_directory=True)
    yield target
    subprocess.run([sys.executable, "-m", "local", "down"], cwd=target, timeout=300, check=False, capture_output=True)


@pytest.fixture
def shell(tmp_path, project):
    """Runs a script in the project. `noted` returns the commands that were recorded instead of run."""
    noted, shims = tmp_path / "noted", tmp_path / "shims"
    shims.mkdir()
    noted.touch()
    uv = str(Path(sys.executable).parent / "uv")
    for name in ("pulumi", "aws", "curl", "git", "gh", "pip", "make", "sudo"):
        shim = shims / name
        shim.write_text(SHIM.format(python=sys.executable, noted=str(noted), uv=uv, aws_cli=AWS_CLI), encoding="utf-8")
        shim.chmod(0o755)
    port = free_port()
    keys = "region = us-east-1\naws_access_key_id = test\naws_secret_access_key = test\n"
    (tmp_path / "aws").write_text(f"[default]\n{keys}[profile cafe]\n{keys}", encoding="utf-8")

    def run(script):
        environment = {
            **os.environ,
            "PATH": f"{shims}:{os.environ['PATH']}",
            "AWS_ENDPOINT_URL": f"http://localhost:{port}",
            "AWS_CONFIG_FILE": str(tmp_path / "aws"),
        }
        return subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", script],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            timeout=900,
        )

    run.port = port
    run.noted = lambda: noted.read_text(encoding="utf-8").splitlines()
    return run


def unexpected(noted):
    return [line for line in noted if not any(re.fullmatch(pattern, line) for pattern in ELSEWHERE)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_work(page, shell):
    script = RELEASES.sub("", "\n".join(blocks(page)))
    up = f".venv/bin/python -m local up --detach --port {shell.port}"
    # A page that starts the café starts it as written, but on the port that the AWS CLI uses.
    script, count = re.subn(r"\.venv/bin/python -m local up --detach\b", up, script)
    enough = count or not re.search(r"\.venv/bin/python|stack output|^aws ", script, re.MULTILINE)
    done = shell(script if enough else f"{up}\n{script}")

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert SHOWN.get(page.name, "") in done.stdout.replace(" ", "")
    assert unexpected(shell.noted()) == []
