"""What each function did: how often, how long, and why it failed."""

import re
from statistics import quantiles
from typing import Any

from ..recorder.raw import Kind
from ..recorder.record import Record

LAST = 20
"""How many of a function's last calls are listed."""

POSITION = re.compile(r'  File "([^"]+)", line (\d+), in (\S+)')
"""A frame of a traceback."""


def functions(records: list[Record], modules: list[str], now_ms: float) -> list[dict[str, Any]]:
    """The functions with these modules, with their calls in `records`: those that failed most often come first."""
    calls: dict[str, list[Record]] = {module: [] for module in modules}
    for record in records:
        if record.kind == Kind.INVOCATION:
            calls.setdefault(record.target, []).append(record)
    found = [_function(module, each, now_ms) for module, each in calls.items()]
    return sorted(found, key=lambda it: (-it["errors"], -it["count"], it["module"]))


def _function(module: str, calls: list[Record], now_ms: float) -> dict[str, Any]:
    times = [call.ms for call in calls]
    cuts = quantiles(times, n=20, method="inclusive") if len(times) > 1 else times * 20
    failed = [call for call in calls if call.error]
    return {
        "module": module,
        "count": len(calls),
        "lastMinute": sum(call.at > now_ms - 60_000 for call in calls),
        "errors": len(failed),
        "cold": sum(call.is_cold for call in calls),
        "p50": cuts[9] if cuts else None,
        "p95": cuts[18] if cuts else None,
        "failure": _failure(failed[-1]) if failed else None,
        "calls": [
            {"id": call.id, "at": call.at, "ms": call.ms, "error": call.error, "isCold": call.is_cold}
            for call in calls[: -LAST - 1 : -1]
        ],
    }


def _failure(call: Record) -> dict[str, Any]:
    return {"id": call.id, "at": call.at, "error": call.error, "traceback": call.traceback}


def position(traceback: str) -> str:
    """Where a readable traceback ends: file, line and function."""
    frames = POSITION.findall(traceback)
    return "{}:{} in {}".format(*frames[-1]) if frames else ""
