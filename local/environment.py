"""Keeps the user's settings for AWS, Pulumi and Python out of the local run."""

import os
import sys
from collections.abc import Mapping

PREFIXES = ("AWS_", "BOTO_", "PULUMI_", "PYTHON")

ISOLATED = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    # Files and terminals are UTF-8, whatever the user's locale is.
    "PYTHONUTF8": "1",
}
"""The variables that replace them: the files in the user's home must not be read either."""


def isolated(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment without the user's settings for AWS, Pulumi and Python."""
    kept = {name: value for name, value in environment.items() if not name.startswith(PREFIXES)}
    return {**kept, **ISOLATED}


def isolate() -> None:
    """Start this process's command again in an isolated environment, unless it is in one.

    Call it before other imports: `PYTHONPATH` could replace them. A command with `--outputs` is for a stack on AWS and
    keeps the user's environment.
    """
    environment = isolated(os.environ)
    is_on_aws = any(argument.partition("=")[0] == "--outputs" for argument in sys.argv)
    if environment != dict(os.environ) and not is_on_aws:
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)
