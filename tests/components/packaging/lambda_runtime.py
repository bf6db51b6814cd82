"""What Lambda provides besides the uploaded code: Python and the packages of its runtime."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

from components.packaging.built_folder import COMPILER

RUNTIME_PACKAGES = ["boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3"]
"""The packages that Lambda's runtime includes (Lambda developer guide, "Runtime-included SDKs")."""


def runtime_sources() -> list[Path]:
    """The folders and files of these packages in this environment."""
    files = [Path(str(importlib.import_module(name).__file__)) for name in RUNTIME_PACKAGES]
    return [file.parent if file.name == "__init__.py" else file for file in files]


def functions_python() -> str:
    """The Python that compiles the uploaded code. It exists after the first build."""
    find = [Path(sys.executable).parent / "uv", "python", "find", "--no-project", "--system", f"cpython@{COMPILER}"]
    return subprocess.check_output(find, text=True, env={**os.environ, "PYENV_VERSION": COMPILER}).strip()
