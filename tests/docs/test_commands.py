"""The commands in the documentation, run as they stand there, page by page, against the café on this machine.

What can only be done elsewhere is not run but noted, and has to be in the list of what may be. `pulumi stack output`
is answered by the local run, and the AWS CLI talks to the emulator.
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
    r"pulumi (stack|state|config|login|preview|up|destroy|package|install)\b.*": "needs Pulumi's CLI and an account",
    r"aws configure sso .*": "asks a person",
    r"curl .*https://.*": "somebody else's server",
    r"git (clone|revert) .*": "the repository's address, and its history",
    r"sudo installer .*": "a Mac's",
    r"gh .*": "needs a repository on GitHub",
    r"aws cloudformation .*": "makes what GitHub signs in with",
    r"aws dynamodb restore-table-to-point-in-time .*": "the emulator cannot do it",
    r"pip install .*git\+https.*": "the repository's address; test_package.py installs the folder",
    r"make (up|test|everything|lint|fuzz|soak|lighthouse)": "a test of its own, or what runs this one",
}
"""What is not run here, and why."""

RELEASES = re.compile(r"^.*-m ops release .*$", re.MULTILINE)
"""Not run either: the emulator has no CodeDeploy. tests/ops/test_release.py does."""

SHOWN = {"aws.md": '"status":"accepted"'}
"""What a page's commands have to print."""

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
"""Stands in for the programs that do something elsewhere."""


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


PAGES = [page for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))] if blocks(page)]


@pytest.fixture
def project(tmp_path):
    """A copy of the project, so that the run of whoever works in this one is left alone."""
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
    """Runs a script in the project. Its `noted` says what would have been done elsewhere."""
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
    # Where a page starts the café itself, it is as the page says, but on the port that the AWS CLI looks at.
    script, count = re.subn(r"\.venv/bin/python -m local up --detach\b", up, script)
    enough = count or not re.search(r"\.venv/bin/python|stack output|^aws ", script, re.MULTILINE)
    done = shell(script if enough else f"{up}\n{script}")

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert SHOWN.get(page.name, "") in done.stdout.replace(" ", "")
    assert unexpected(shell.noted()) == []
