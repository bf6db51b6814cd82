"""Lets a debugger attach to a function: when it is time, each process waits for one before it imports the handler.

The function runs from the project instead of its archive, so that breakpoints are where the editor sets them, and it
has no time-out.
"""

from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime

from ..functions import module_of

PORT, ROOT = "LOCAL_DEBUG_PORT", "LOCAL_DEBUG_ROOT"
"""Variables that a function's process gets."""

IMPORT = "        mod = importlib.import_module(module_name)\n"
"""Where the emulator's program for Python functions imports the handler."""

WAIT = f"""        if "{PORT}" in os.environ:
            import debugpy
            sys.path.insert(0, os.environ.pop("{ROOT}"))
            try:
                debugpy.listen(("127.0.0.1", int(os.environ.pop("{PORT}"))))
            except (OSError, RuntimeError):
                pass  # another process of the function is being debugged
            else:
                debugpy.wait_for_client()
"""


def wait_for_debugger(module: str, root: str, port: int, timeout_seconds: int, begin: Path) -> None:
    """Patch the emulator in this process, for the function whose handler is in `module`. Call once. `begin` is the file
    from which on it waits."""
    script, spawn, call = (
        lambda_runtime._PYTHON_WORKER_SCRIPT,
        lambda_runtime.Worker._spawn,
        lambda_runtime.Worker.invoke,
    )
    # Assert, so that another version of the emulator is noticed.
    assert IMPORT in script
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(IMPORT, WAIT + IMPORT)
    variables = {PORT: str(port), ROOT: root, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}

    def is_debugged(worker: Any) -> bool:
        return module_of(worker.config.get("Handler", "")) == module and begin.exists()

    def spawn_waiting(worker: Any) -> None:
        if is_debugged(worker):
            own = (worker.config.get("Environment") or {}).get("Variables") or {}
            environment = {"Variables": {**own, **variables}}
            worker.config = {**worker.config, "Environment": environment, "Timeout": timeout_seconds}
        spawn(worker)

    def invoke(worker: Any, *arguments: Any, **options: Any) -> Any:
        if is_debugged(worker) and worker.config.get("Timeout") != timeout_seconds and worker._proc:
            process, worker._proc = worker._proc, None
            process.kill()
        return call(worker, *arguments, **options)

    lambda_runtime.Worker._spawn, lambda_runtime.Worker.invoke = spawn_waiting, invoke
