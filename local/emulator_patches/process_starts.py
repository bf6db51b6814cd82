"""Fixes the emulator: many calls at once do not start as many processes at once.

ministack 1.5.33 starts a process for every call that finds no idle one. Two hundred at once on two cores serve nobody:
every call runs out of time while all of them start. With this patch, a call waits for an idle process of its function,
and starts another only when a start slot is free and it has waited longer, the more processes there are. Processes are
never limited, so a function that calls itself does not wait for itself.

A call takes its code before it waits. When the code is updated meanwhile, the process that it starts is outdated: calls
with other code end that process instead of using it.
"""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

START_SLOTS = 2
"""Processes that may start at once, as a start takes a core for a few hundred ms."""

PATIENCE_SECONDS = 0.05
"""How long a call waits for an idle process before it starts one, for each process of its function."""


@dataclass(eq=False)
class Call:
    """A call that waits for a process."""

    worker: Any = None
    served: threading.Event = field(default_factory=threading.Event)


class Starts:
    """Leases processes to calls. Calls of a function are served in the order in which they came."""

    def __init__(self) -> None:
        self._lease, self._return = lambda_svc.acquire_worker, lambda_svc.release_worker
        self._slots = threading.BoundedSemaphore(START_SLOTS)
        self._turn = threading.Lock()
        self._calls: defaultdict[str, deque[Call]] = defaultdict(deque)

    def acquire(
        self, name: str, config: Any, code: bytes, qualifier: str = "$LATEST", max_concurrency: Any = None
    ) -> Any:
        """Replaces `acquire_worker`: an idle process or a new one, whichever comes first."""
        function = (name, config, code, qualifier)
        key = lambda_runtime._worker_key(name, config, qualifier)
        call, began = Call(), time.monotonic()
        while True:
            with self._turn:
                found = self._found(call, function, key, time.monotonic() - began, max_concurrency)
                if found and call in self._calls[key]:
                    self._calls[key].remove(call)
                if not found and call not in self._calls[key]:
                    self._calls[key].append(call)
            if not found:
                call.served.wait(PATIENCE_SECONDS)
            elif found[0] is None or found[0].code_zip == code:
                return found
            else:
                end(found[0], key)
                call = Call()

    def _found(self, call: Call, function: Any, key: str, waited: float, limit: Any) -> Any:
        """What a call gets now, or `None`."""
        if call.worker is not None:
            return call.worker, "reused"
        count = len(lambda_runtime._workers.get(key, ()))
        if count:
            # With the present number as the limit, none is started.
            worker, _ = self._lease(*function, max_concurrency=count)
            if worker is not None:
                worker._key = key
                return worker, "reused"
        if waited < PATIENCE_SECONDS * count or not self._slots.acquire(blocking=False):
            return None
        worker, how = self._lease(*function, max_concurrency=limit)
        if worker is None or how != "spawn":
            self._slots.release()
        else:
            worker._has_slot = True
        if worker is not None:
            worker._key = key
        return worker, how

    def release(self, worker: Any) -> None:
        """Replaces `release_worker`: hand a process to the next call, unless it was replaced in the meantime."""
        with self._turn:
            key = getattr(worker, "_key", "")
            if self._calls[key] and any(each is worker for each in lambda_runtime._workers.get(key, ())):
                call = self._calls[key].popleft()
                call.worker = worker
                call.served.set()
                return
        self._return(worker)

    def spawn(self, worker: Any, start: Callable[[Any], None]) -> None:
        """Start a process in its slot. One that ended in its last call starts again without `acquire`."""
        if not getattr(worker, "_has_slot", False):
            self._slots.acquire()
        try:
            start(worker)
        finally:
            worker._has_slot = False
            self._slots.release()


def end(worker: Any, key: str) -> None:
    """Remove a leased process from its pool, and end it."""
    with lambda_runtime._lock:
        pool = lambda_runtime._workers.get(key, [])
        lambda_runtime._workers[key] = [each for each in pool if each is not worker]
    lambda_runtime.kill_workers([worker])


def limit_process_starts() -> None:
    """Patch the emulator in this process to limit the starts. Call once."""
    starts, start = Starts(), lambda_runtime.Worker._spawn
    lambda_runtime.Worker._spawn = lambda worker: starts.spawn(worker, start)
    lambda_svc.acquire_worker = starts.acquire
    lambda_svc.release_worker = starts.release
