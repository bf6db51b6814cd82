"""What a run records, and for whom: a file, the console, and `replay`. Recording starts when somebody asks for it."""

import threading
import time
from typing import Any

from .control import Request
from .emulator import Emulator, free_port, usable
from .errors import UserError
from .recorder.recordings import RecordFile, Recordings, follow
from .recorder.replay import lost, recorded_event
from .recorder.usage import Usage
from .session import Session
from .terminal import console as terminal

QUIET_SECONDS, FINISH_SECONDS = 0.2, 3
"""After how long without a record there are no more, and how long to wait for that."""

PATIENCE_SECONDS = 5
"""How long a record that was asked for may be on its way from the emulator."""


class Recording:
    """Gets the records from the emulator."""

    def __init__(self, session: Session, emulator: Emulator, file: RecordFile | None = None) -> None:
        """With a file, everything that is recorded is written to it, too."""
        self._session = session
        self._emulator = emulator
        self._recordings = Recordings()
        self._usage = Usage()
        self._file = file
        self._is_recording = False
        self._lock = threading.Lock()
        self._address = ""
        if file:
            self._record()

    def answers(self, request: Request) -> bool:
        """Answer a request of another process, unless it is for others: `{address}` to `console`, `{function, event,
        lost}` to `replay`, or `{error}`."""
        if request.content.get("request") not in ("console", "replay"):
            return False
        try:
            request.answer(self.answer(request.content))
        except UserError as error:
            request.answer({"error": str(error)})
        return True

    def answer(self, content: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request. Raises `UserError`."""
        if content["request"] == "console":
            return {"address": self._served()}
        return self._event(str(content["id"]))

    def finish(self) -> None:
        """Wait a moment for the last records, if they are written to a file."""
        deadline, number = time.monotonic() + FINISH_SECONDS, -1
        while self._file and number != self._recordings.number and time.monotonic() < deadline:
            number = self._recordings.number
            time.sleep(QUIET_SECONDS)

    def _record(self) -> None:
        with self._lock:
            if not self._is_recording:
                self._is_recording = True
                threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self) -> None:
        for record in follow(self._emulator.records):
            self._usage.add(record)
            self._recordings.add(record)
            if self._file:
                try:
                    self._file.write(record)
                except UserError as error:
                    terminal.print(error, markup=False)
                    self._file = None

    def _served(self) -> str:
        self._record()
        with self._lock:
            if not self._address:
                port = usable(self._emulator.plain_port + 1) or free_port()
                self._session.extension.serve_console(self._session, self._recordings, self._usage, port)
                self._address = f"http://localhost:{port}/"
            return self._address

    def _event(self, id_: str) -> dict[str, Any]:
        """The event of a recorded call, by the record's number or Lambda's request ID."""
        self._record()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (record := self._recordings.find(id_)) is None and time.monotonic() < deadline:
            time.sleep(0.05)
        function, event = recorded_event(record, id_)
        return {"function": function, "event": event, "lost": lost(event)}
