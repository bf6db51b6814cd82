"""The emulator's process: ministack with this project's patches."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Full, Queue
from typing import Any

import hypercorn.asyncio as hypercorn
from hypercorn.config import Config
from ministack.app import app

from .emulator_patches.api_keys import generate_empty_api_keys
from .emulator_patches.client_address import pass_client_address
from .emulator_patches.debugger import wait_for_debugger
from .emulator_patches.deployments import copy_deployments
from .emulator_patches.event_api import authorize_events
from .emulator_patches.failures import explain_failures
from .emulator_patches.function_environment import give_functions_lambdas_environment
from .emulator_patches.identity_variable import substitute_identities
from .emulator_patches.kept_state import keep_streams, note_unsaved_state
from .emulator_patches.log_lines import log_lines_with_their_call
from .emulator_patches.own_origins import refuse_foreign_origins
from .emulator_patches.plain_site import serve_plain_site
from .emulator_patches.process_starts import limit_process_starts
from .emulator_patches.recorded_events import record_events
from .emulator_patches.recorded_requests import record_requests
from .emulator_patches.recorder import open_recorder
from .emulator_patches.response_headers import override_headers_of_versions
from .emulator_patches.rest_api_import import add_put_rest_api
from .emulator_patches.stable_ids import derive_ids
from .emulator_patches.update_group import add_update_group
from .emulator_patches.validation_errors import explain_validation_errors
from .emulator_patches.websocket_compression import decline_compression
from .emulator_settings import (
    ACCESS_LOG,
    DEBUG_PORT,
    DEBUG_SECONDS,
    DEBUGGED,
    DEBUGGING,
    HOST,
    PLAIN_PORT,
    PROJECT,
    RECORDS,
    REPORTS,
    SAVE_SECONDS,
    SAVED,
)
from .processes import end_group

WAITING_REPORTS = 1000
"""How many reports may wait to be read."""

ACCESS = "%(m)s %({x-amzn-trace-id}i)s %(s)s %({host}i)s %(U)s"
"""A line of the access log: method, trace, status, host and path."""


async def serve() -> None:
    """Serve until standard input is closed or SIGTERM arrives."""
    generate_empty_api_keys()
    keep_streams()
    unsaved = note_unsaved_state()
    add_put_rest_api()
    add_update_group()
    copy_deployments()
    substitute_identities()
    give_functions_lambdas_environment()
    log_lines_with_their_call()
    override_headers_of_versions()
    limit_process_starts()
    explain_failures(_reporter())
    explain_validation_errors()
    authorize_events()
    decline_compression()
    derive_ids()
    if debugged := os.environ.get(DEBUGGED):
        begin = Path(os.environ["TMPDIR"], DEBUGGING)
        wait_for_debugger(debugged, os.environ[PROJECT], DEBUG_PORT, DEBUG_SECONDS, begin)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    loop.add_reader(sys.stdin.fileno(), stopped.set)
    config = Config()
    port = int(os.environ["GATEWAY_PORT"])
    # Without a second port when others start this process.
    plain_port = int(os.environ.get(PLAIN_PORT, port))
    config.bind = sorted({f"{HOST}:{port}", f"{HOST}:{plain_port}"})
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    if log := os.environ.get(ACCESS_LOG):
        config.accesslog, config.access_log_format, config.loglevel = log, ACCESS, "INFO"
    config.graceful_timeout = 0.5
    config.shutdown_timeout = SAVE_SECONDS
    served = serve_plain_site(pass_client_address(app), port, plain_port)
    guarded = refuse_foreign_origins(served, port, plain_port)
    if recorder := open_recorder(RECORDS):
        record_events(recorder)
        guarded = record_requests(guarded, recorder)
    await hypercorn.serve(guarded, config, shutdown_trigger=stopped.wait)
    if "PERSIST_STATE" in os.environ and not unsaved:
        Path(os.environ["STATE_DIR"], SAVED).touch()
    # The emulator's threads would delay the exit, and its workers would outlive it: kill the whole group.
    end_group(os.getpgid(0))


def _reporter() -> Callable[[Any], None]:
    """Reports functions' failures to the process that started this one. Waits for nobody: if that one does not read
    them, later ones are dropped."""
    waiting: Queue[Any] = Queue(WAITING_REPORTS)

    def write() -> None:
        with os.fdopen(int(os.environ[REPORTS]), "w", encoding="utf-8") as file:
            while True:
                print(json.dumps(waiting.get()._asdict()), file=file, flush=True)

    def report(failure: Any) -> None:
        with contextlib.suppress(Full):
            waiting.put_nowait(failure)

    if REPORTS in os.environ:
        threading.Thread(target=write, daemon=True).start()
    return report
