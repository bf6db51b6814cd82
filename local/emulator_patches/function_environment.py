"""Fixes the emulator: functions have Lambda's environment, not the emulator's.

ministack 1.5.33 starts a function's process with its own environment. This patch leaves it what Lambda has: the
function's variables and those that Lambda defines (Lambda developer guide, "Defined runtime environment variables").
"""

import os
import subprocess
from contextvars import ContextVar
from typing import Any

from ministack.core import lambda_runtime

DEFINED = {
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
    "LANG": "en_US.UTF-8",
    "PATH": "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    "TZ": ":UTC",
    # This machine may not have Lambda's locale, without which Python would not use UTF-8.
    "PYTHONUTF8": "1",
}


_variables: ContextVar[dict[str, str]] = ContextVar("_variables", default={})  # noqa: B039  never mutated
"""The function's own variables, while its process starts: some can have the values that the emulator's have."""


class _Subprocess:
    """The module `subprocess`, as the emulator's runtime uses it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)

    def Popen(self, command: list[str], *, env: dict[str, str], **options: Any) -> Any:  # noqa: N802
        """Start a function's process."""
        own = {name: value for name, value in env.items() if os.environ.get(name) != value}
        defined = {**DEFINED, "TMPDIR": os.environ["TMPDIR"]}
        return subprocess.Popen(command, env={**defined, **own, **_variables.get()}, **options)


def give_functions_lambdas_environment() -> None:
    """Patch the emulator in this process. Call once."""
    spawn = lambda_runtime.Worker._spawn

    def spawn_with_variables(worker: Any) -> None:
        config = worker.config
        variables = (config.get("Environment") or {}).get("Variables") or {}
        name = config.get("FunctionName", "")
        defined = {
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{config.get('Runtime', '')}",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
            "_HANDLER": config.get("Handler", ""),
        }
        worker.config = {**config, "Environment": {"Variables": {**variables, **defined}}}
        token = _variables.set(variables)
        try:
            spawn(worker)
        finally:
            _variables.reset(token)
            worker.config = config

    lambda_runtime.Worker._spawn = spawn_with_variables
    lambda_runtime.subprocess = _Subprocess()
