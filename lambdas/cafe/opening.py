"""When the café is open."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

DAY = "|".join(DAYS)
TIME = r"([01]\d|2[0-3]):[0-5]\d"
ENTRY = re.compile(rf"(?P<first>{DAY})(-(?P<last>{DAY}))? (?P<opens>{TIME})-(?P<closes>{TIME}|24:00)")

EXPECTED = "hours such as `Mon-Fri 07:00-18:00, Sat 08:00-14:00`, or an empty string"

AHEAD_DAYS = 8
"""How far to look for the next opening: every entry recurs within a week."""


class Hours(NamedTuple):
    """Hours of some days of the week (0 is Monday), in minutes after midnight. They end on the next day if `closes` is
    not after `opens`."""

    days: frozenset[int]
    opens: int
    closes: int


class State(NamedTuple):
    """Whether the café is open, and when that changes (ms): `closes_at` while it is open by its hours, `opens_at` while
    it is closed by them."""

    is_open: bool
    opens_at: int | None = None
    closes_at: int | None = None


def parse_hours(text: str) -> list[Hours]:
    """Parse opening hours; none for an empty string. Raises `ValueError`."""
    return [_parse(entry.strip()) for entry in text.split(",")] if text.strip() else []


def _parse(text: str) -> Hours:
    match = ENTRY.fullmatch(text)
    if match is None:
        raise ValueError(f"expected {EXPECTED}, got {text!r}")
    first = DAYS.index(match["first"])
    count = (DAYS.index(match["last"] or match["first"]) - first) % len(DAYS) + 1
    return Hours(
        frozenset((first + n) % len(DAYS) for n in range(count)), _minutes(match["opens"]), _minutes(match["closes"])
    )


def _minutes(time: str) -> int:
    hours, _, minutes = time.partition(":")
    return int(hours) * 60 + int(minutes)


class Opening:
    """The café's hours in a time zone, an IANA name such as `Europe/Paris`. Without hours it is always open."""

    def __init__(self, hours: str, time_zone: str) -> None:
        self._hours = parse_hours(hours)
        self.time_zone = time_zone
        self._zone = ZoneInfo(time_zone)

    def state(self, now: int, switch: bool | None = None) -> State:
        """The state at a time (ms). A `switch` that staff have set counts instead of the hours."""
        if switch is not None:
            return State(switch)
        if not self._hours:
            return State(True)
        intervals = list(self._intervals(now))
        for opens, closes in intervals:
            if opens <= now < closes:
                return State(True, closes_at=closes)
        return State(False, opens_at=next((opens for opens, _ in intervals if opens > now), None))

    def _intervals(self, now: int) -> Iterator[tuple[int, int]]:
        """The hours around a time as pairs of ms, oldest first. Those that touch are one."""
        today = datetime.fromtimestamp(now / 1000, self._zone).date()
        found = []
        for offset in range(-2, AHEAD_DAYS + 1):
            date = today + timedelta(days=offset)
            for hours in self._hours:
                if date.weekday() not in hours.days:
                    continue
                midnight = datetime(date.year, date.month, date.day)
                closes = hours.closes if hours.closes > hours.opens else hours.closes + 24 * 60
                found.append((self._ms(midnight, hours.opens, 0), self._ms(midnight, closes, 1)))
        merged: list[tuple[int, int]] = []
        for opens, closes in sorted(found):
            if merged and opens <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
            else:
                merged.append((opens, closes))
        yield from merged

    def _ms(self, midnight: datetime, minutes: int, fold: int) -> int:
        """A wall-clock time in ms. Of a time that occurs twice in the night when summer time ends, the first to open
        and the second to close; one that is skipped when it begins is as long after midnight as on the clock."""
        wall = midnight + timedelta(minutes=minutes)
        first, second = (wall.replace(tzinfo=self._zone, fold=each).timestamp() for each in (0, 1))
        return int((max(first, second) if fold else first) * 1000)
