"""What functions find on Lambda beside what is uploaded: their Python, and the packages that come with it."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

from components.packaging.built_folder import COMPILER

RUNTIME_PACKAGES = ["boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3"]
"""What Lambda's runtime has besides the standard library (Lambda developer guide, "Runtime-included SDKs")."""


def runtime_sources() -> list[Path]:
    """Where these are in this environment: folders, and files."""
    files = [Path(str(importlib.import_module(name).__file__)) for name in RUNTIME_PACKAGES]
    return [file.parent if file.name == "__init__.py" else file for file in files]


def functions_python() -> str:
    """The program that compiles what is uploaded, and is there once something has been built."""
    find = [Path(sys.executable).parent / "uv", "python", "find", "--no-project", "--system", f"cpython@{COMPILER}"]
    return subprocess.check_output(find, text=True, env={**os.environ, "PYENV_VERSION": COMPILER}).strip()
