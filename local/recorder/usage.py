"""What was asked of IAM, and how often: also for records that are no longer kept."""

import threading
from dataclasses import dataclass, field

from .raw import Verdict
from .record import Record

MOST = 5_000
"""How many different questions are counted; new ones replace the oldest."""


@dataclass
class Asked:
    """How often a question was allowed, and how often it has been denied since."""

    verdict: Verdict
    """The last denial, or what allowed it."""
    allowed: int = 0
    denied: int = 0
    records: list[int] = field(default_factory=list)
    """The last records of these denials."""


class Usage:
    """Questions by role, action and resource."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, str, str], Asked] = {}
        self._lock = threading.Lock()

    def add(self, record: Record) -> None:
        """Count what was asked for a record."""
        for verdict in record.verdicts:
            role = role_of(verdict.principal)
            if not role:
                continue
            with self._lock:
                key = (role, verdict.action, verdict.resource)
                asked = self._asked.setdefault(key, Asked(verdict))
                if len(self._asked) > MOST:
                    del self._asked[next(iter(self._asked))]
                asked.verdict = verdict
                if verdict.is_allowed:
                    asked.allowed, asked.denied, asked.records = asked.allowed + 1, 0, []
                else:
                    asked.denied += 1
                    asked.records = [*asked.records[-4:], record.id]

    def of(self, role: str) -> list[Asked]:
        """What was asked for a role."""
        with self._lock:
            return [asked for (it, _, _), asked in self._asked.items() if it == role]


def role_of(principal: str) -> str:
    """The role of a session, or nothing."""
    return principal.partition(":assumed-role/")[2].partition("/")[0]
