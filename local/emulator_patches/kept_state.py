"""Fixes the emulator: what it keeps over a restart is complete.

ministack 1.5.33 keeps how far each event source mapping has read a table's stream, but not the stream's records. After
a restart, the mappings wait for records beyond the end, and those that had not been read are lost. It also goes on when
the state of a service cannot be saved.
"""

import copy
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import persistence
from ministack.services import dynamodb

STORES = ("_stream_records", "_stream_trimmed")


def keep_streams() -> None:
    """Patch the emulator in this process to keep the records of streams. Call once."""
    get, load = dynamodb.get_state, dynamodb.load_persisted_state

    def get_state() -> dict[str, Any]:
        stores = {name: copy.deepcopy(getattr(dynamodb, name)) for name in STORES}
        return {**get(), **stores, "_stream_seq_counter": dynamodb._stream_seq_counter}

    def load_state(data: dict[str, Any]) -> None:
        load(data)
        for name in STORES:
            getattr(dynamodb, name).update(data.get(name, {}))
        dynamodb._stream_seq_counter = data.get("_stream_seq_counter", 0)

    dynamodb.get_state, dynamodb.load_persisted_state = get_state, load_state


def note_unsaved_state() -> list[str]:
    """Patch the emulator in this process to list the services whose state it could not save. Call once. Returns that
    list."""
    save, save_all, unsaved = persistence.save_state, app.save_all, list[str]()

    def noted(service: str, get: Callable[[], Any]) -> Callable[[], Any]:
        def get_state() -> Any:
            try:
                return get()
            except Exception:
                unsaved.append(service)
                raise

        return get_state

    def save_state(service: str, data: Any) -> None:
        file = Path(persistence.STATE_DIR, f"{service}.json")
        before = _identity(file)
        save(service, data)
        if _identity(file) == before:
            unsaved.append(service)

    persistence.save_state = save_state
    app.save_all = lambda services: save_all({name: noted(name, get) for name, get in services.items()})
    return unsaved


def _identity(file: Path) -> tuple[int, int] | None:
    """What changes when a file is replaced; `None` if there is none."""
    try:
        status = os.stat(file)
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns
