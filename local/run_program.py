"""Runs a Pulumi program in this process, against an engine in another: the last step of Pulumi's language host.

`program_process` starts this file by its path, so that neither this package nor anything beside it can be imported by
the program.
"""

import asyncio
import json
import os
import runpy
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TextIO

from pulumi import RunError, log
from pulumi.runtime import reset_options, run_in_stack, set_all_config

THREADS_PER_REGISTRATION = 4
"""As in Pulumi's language host: threads also wait for other calls."""


def main() -> int:
    """Run the program that a line on standard input describes, and return the exit code."""
    engine = os.fdopen(os.dup(sys.stdin.fileno()))
    with open(os.devnull) as nothing:  # for the program
        os.dup2(nothing.fileno(), sys.stdin.fileno())
    given: dict[str, Any] = json.loads(engine.readline())
    threading.Thread(target=_end_with, args=(engine,), daemon=True).start()
    folder = Path(given["program"]).parent
    # As Pulumi does: the program's folder is the working directory and the first on the path, and this file's is not.
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    sys.argv = [given["program"]]
    reset_options(
        project=given["project"],
        stack=given["stack"],
        root_directory=given["root"],
        parallel=given["parallel"],
        engine_address=given["engine"],
        monitor_address=given["monitor"],
        preview=given["dryRun"],
        organization="organization",
    )
    set_all_config(given["config"])
    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(given["parallel"] * THREADS_PER_REGISTRATION))
    # After a failure, the SDK leaves futures that nobody awaits; the failure itself is reported below.
    loop.set_exception_handler(lambda loop, context: None)
    try:
        loop.run_until_complete(run_in_stack(lambda: _execute(given["program"])))
    except RunError as error:
        log.error(str(error))
    except SystemExit as error:
        log.error(f"the program called sys.exit({error.code!r}); it must run to its end")
    except BaseException as error:  # noqa: BLE001  the program's own, reported to the engine
        log.error(_described(error, folder))
    else:
        return 0
    return 1


def _execute(program: str) -> None:
    runpy.run_path(program, run_name="__main__")


def _described(error: BaseException, folder: Path) -> str:
    """A traceback with the program's own frames."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(folder) and "site-packages" not in Path(frame.filename).parts
    ]
    head = ["Traceback (most recent call last):\n"] if frames else []
    return "".join([*head, *traceback.format_list(frames), *traceback.format_exception_only(error)]).rstrip()


def _end_with(engine: TextIO) -> None:
    """End this process when the engine's ends, which closes the pipe between them."""
    engine.read()
    os._exit(1)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of the program must not keep the process alive.
    os._exit(code)
