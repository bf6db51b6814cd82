"""Fixes the emulator: what a table's stream holds is kept with its other state.

ministack 1.5.33 keeps how far each event source mapping has read a stream, but not the stream's records. After a
restart, the mappings wait for records beyond the end, and those that had not been read are lost.
"""

import copy
from typing import Any

from ministack.services import dynamodb

STORES = ("_stream_records", "_stream_trimmed")


def keep_streams() -> None:
    """Patch the emulator in this process. Call once."""
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
