"""uv, which installs the functions' packages and finds the Python that compiles them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pulumi

from .project import PROJECT


class UvFailed(Exception):
    """What uv said, in one line."""


def uv(*arguments: str, environment: dict[str, str] | None = None) -> None:
    """Run uv in the project's folder, with more environment variables if need be. Raises `UvFailed`, and
    `pulumi.RunError` where there is no uv."""
    program = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if program is None:
        raise pulumi.RunError("the functions' archives are built with uv, which is not there: run `make .venv/ready`")
    done = subprocess.run(
        [program, "--quiet", *arguments],
        cwd=PROJECT,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise UvFailed(" ".join(done.stderr.split()))
