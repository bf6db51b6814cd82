"""Creates the virtual environment: `python3 local/venv.py .venv/up` for the local run, `.venv/ready` for everything.

Make runs it with any Python, and it needs only the standard library. An environment that cannot be used is created
again: one that is incomplete, was copied from another machine, or has another version of Python.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "uv.lock"
PYTHON = VENV / "bin" / "python"

OLDEST, TOO_NEW = (3, 11), (3, 14)
"""`requires-python` in `pyproject.toml`."""

CONTENTS = {
    "up": ("the local run", ["--no-default-groups", "--group", "lambdas", "--extra", "local", "--inexact"]),
    "ready": ("the local run, the tests and the tools", ["--extra", "local"]),
}
"""What an environment is for, and uv's arguments for it, by the name of the file that marks it as complete."""


class Failed(Exception):
    """The environment cannot be created. The message says why, and what to do."""


def make(name: str) -> None:
    """Create or update the environment: `up` for the local run, `ready` for everything. Does nothing if it is current.
    Raises `Failed`."""
    marker = VENV / name
    usable = is_usable()
    if usable and is_current(marker):
        return
    if not usable:
        check_python(sys.version_info[:2])
        say("creating the virtual environment .venv")
        if VENV.is_symlink() or VENV.is_file():
            VENV.unlink()
        shutil.rmtree(VENV, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(VENV)], "install Python's module venv (Debian: python3-venv)")
    purpose, arguments = CONTENTS[name]
    say(f"installing the packages of {purpose}, as pinned in uv.lock")
    network = "check the connection to PyPI, and the settings of the proxy or index, if there is one"
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"uv=={uv_version()}"]
    run(pip, network)
    sync = ["sync", "--quiet", "--frozen", "--compile-bytecode", "--python", str(PYTHON)]
    run([str(VENV / "bin" / "uv"), *sync, *arguments], network)
    for each in CONTENTS if name == "ready" else [name]:
        (VENV / each).touch()


def is_current(marker: Path) -> bool:
    """Whether an environment is complete and as the lock file has it."""
    return marker.exists() and marker.stat().st_mtime >= LOCK.stat().st_mtime


def is_usable() -> bool:
    """Whether the environment has a Python of a supported version, with pip."""
    check = "import sys, pip; print(*sys.version_info[:2], sys.prefix)"
    try:
        answer = subprocess.run(
            [str(PYTHON), "-c", check], capture_output=True, text=True, check=True, env=environment()
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    major, minor, prefix = answer.stdout.strip().split(" ", 2)
    return OLDEST <= (int(major), int(minor)) < TOO_NEW and Path(prefix) == VENV


def check_python(version: tuple[int, ...]) -> None:
    """Raise `Failed` for a version of Python that is not supported."""
    if not OLDEST <= version < TOO_NEW:
        raise Failed(
            "Python 3.11, 3.12 or 3.13 is needed, and {} is {}.{}. If you have another, name it: `make up "
            "PYTHON=python3.12`. Otherwise install one: `uv python install 3.12`, your system's package manager, or "
            "https://www.python.org/downloads/".format(sys.executable, *version)
        )


def uv_version() -> str:
    """The version of uv in the lock file."""
    found = re.search(r'^name = "uv"\nversion = "(.+)"', LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    return found[1]


def environment() -> dict[str, str]:
    """The environment of this process, without settings for another Python. Those for proxies and indexes are kept."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}


def run(command: list[str], advice: str) -> None:
    """Run a command. Raises `Failed` with its output and the advice."""
    done = subprocess.run(
        command,
        cwd=str(ROOT),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failed(f"{done.stdout.strip()}\n{Path(command[0]).name} failed: {advice}")


def say(text: str) -> None:
    """Tell the user what takes a while."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        make(Path(sys.argv[1]).name)
    except Failed as failed:
        sys.exit(str(failed))
    except KeyboardInterrupt:
        sys.exit(130)
