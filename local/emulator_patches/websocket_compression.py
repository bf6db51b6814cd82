"""Fixes the emulator's server: WebSocket messages are not compressed.

hypercorn offers compression to every client, which costs 100 KB of memory for each connection, and processor time for
each message. On loopback it saves nothing.
"""

from typing import Any

from hypercorn.protocol import ws_stream


def decline_compression() -> None:
    """Patch the server in this process to accept no WebSocket extension. Call once."""

    def accept_none(requested: Any, supported: Any) -> None:
        """Accept no extension."""

    ws_stream.server_extensions_handshake = accept_none  # type: ignore[attr-defined]
