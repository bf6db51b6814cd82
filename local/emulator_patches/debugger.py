"""Lets a debugger attach to a function: each new process of the function waits for one before it imports the handler.

The function runs from the project instead of its archive, so that breakpoints are where the editor sets them, and it
has no time-out.
"""

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

TIMEOUT_SECONDS = 24 * 60 * 60


def wait_for_debugger(module: str, root: str, port: int) -> None:
    """Patch the emulator in this process, for the function whose handler is in `module`. Call once."""
    script, spawn = lambda_runtime._PYTHON_WORKER_SCRIPT, lambda_runtime.Worker._spawn
    # Assert, so that another version of the emulator is noticed.
    assert IMPORT in script
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(IMPORT, WAIT + IMPORT)
    variables = {PORT: str(port), ROOT: root, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}

    def spawn_waiting(worker: Any) -> None:
        config = worker.config
        if module_of(config.get("Handler", "")) == module:
            own = (config.get("Environment") or {}).get("Variables") or {}
            worker.config = {**config, "Environment": {"Variables": {**own, **variables}}, "Timeout": TIMEOUT_SECONDS}
        spawn(worker)

    lambda_runtime.Worker._spawn = spawn_waiting
