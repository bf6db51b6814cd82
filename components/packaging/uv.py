"""Runs uv, which installs the functions' packages and finds the Python that compiles them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pulumi

from .project import OWN, PROJECT

INSTALL = "make .venv/ready" if PROJECT == OWN else "pip install uv"


class UvFailed(Exception):
    """uv's error output, in one line."""


def uv(*arguments: str, environment: dict[str, str] | None = None) -> None:
    """Run uv in the project's folder, with optional additional environment variables. Raises `UvFailed`, and
    `pulumi.RunError` if uv is not installed."""
    program = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if program is None:
        raise pulumi.RunError(f"uv, which builds the functions' archives, is not installed: run `{INSTALL}`")
    done = subprocess.run(
        [program, "--quiet", *arguments],
        cwd=PROJECT,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise UvFailed(" ".join(done.stderr.split()))
