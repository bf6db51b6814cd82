"""When the café is open."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.cafe.opening import Opening, State, parse_hours

HOURS = "Mon-Fri 07:00-18:00, Sat 08:00-14:00"


def ms(text, zone="Europe/Berlin", fold=0):
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1000)


def state(hours, now, zone="Europe/Berlin", **more):
    return Opening(hours, zone).state(ms(now, zone, **more))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param("2026-06-01 06:59:59", State(False, opens_at=ms("2026-06-01 07:00")), id="a second too early"),
        pytest.param("2026-06-01 07:00", State(True, closes_at=ms("2026-06-01 18:00")), id="at the first second"),
        pytest.param("2026-06-01 17:59:59", State(True, closes_at=ms("2026-06-01 18:00")), id="at the last second"),
        pytest.param("2026-06-01 18:00", State(False, opens_at=ms("2026-06-02 07:00")), id="after closing"),
        pytest.param("2026-06-06 15:00", State(False, opens_at=ms("2026-06-08 07:00")), id="over Sunday"),
    ],
)
def test_the_hours_decide(now, expected):
    assert state(HOURS, now) == expected


def test_without_hours_it_is_always_open():
    assert state("", "2026-06-07 03:00") == State(True)


@pytest.mark.parametrize("switch", [True, False])
def test_the_switch_counts_instead_of_the_hours(switch):
    assert Opening(HOURS, "UTC").state(0, switch) == State(switch)


@pytest.mark.parametrize(
    ("now", "is_open"), [("2026-06-05 23:00", True), ("2026-06-06 01:59", True), ("2026-06-06 02:00", False)]
)
def test_hours_can_end_on_the_next_day(now, is_open):
    assert state("Fri 18:00-02:00", now).is_open is is_open


def test_hours_that_touch_are_one():
    assert state("Fri 08:00-24:00, Sat 00:00-03:00", "2026-06-05 09:00").closes_at == ms("2026-06-06 03:00")


def test_days_can_go_over_the_end_of_the_week():
    assert [it.days for it in parse_hours("Sat-Mon 08:00-09:00, Wed 08:00-09:00")] == [{5, 6, 0}, {2}]


def test_a_café_that_is_open_all_week_never_closes_soon():
    opening = state("Mon-Sun 00:00-24:00", "2026-06-05 09:00")

    assert opening.is_open
    assert opening.closes_at > ms("2026-06-12 00:00")


class TestSummerTime:
    """In Berlin, 02:00 to 03:00 is skipped on 2026-03-29, and occurs twice on 2026-10-25."""

    @pytest.mark.parametrize(
        ("now", "fold", "is_open"),
        [
            *(("2026-10-25 01:59", 0, False), ("2026-10-25 02:10", 0, True), ("2026-10-25 02:40", 0, True)),
            *(("2026-10-25 02:10", 1, True), ("2026-10-25 02:30", 1, False)),
        ],
    )
    def test_hours_in_the_hour_that_occurs_twice_last_through_both(self, now, fold, is_open):
        assert state("Sun 02:00-02:30", now, fold=fold).is_open is is_open

    def test_a_night_without_its_skipped_hour_is_an_hour_shorter(self):
        opening = Opening("Sat 22:00-06:00", "Europe/Berlin")
        opens, closes = ms("2026-03-28 22:00"), ms("2026-03-29 06:00")

        assert opening.state(opens) == State(True, closes_at=closes)
        assert closes - opens == 7 * 3600 * 1000

    def test_the_clock_on_the_wall_decides_in_summer_and_in_winter(self):
        summer, winter = (state(HOURS, f"{day} 10:00").closes_at for day in ("2026-07-01", "2026-12-01"))

        assert [datetime.fromtimestamp(it / 1000, UTC).hour for it in (summer, winter)] == [16, 17]


@pytest.mark.parametrize(
    "text",
    [
        *("Mon", "Mon 7:00-18:00", "mon 07:00-18:00", "Mon 07:00-25:00", "Mon 24:00-07:00", "Mon 07:00"),
        *("Mon 07:00-18:60", "Mon-Fri-Sat 07:00-18:00", "Mon 07:00-18:00,", "Mo 07:00-18:00"),
        "Mon 07:00-18:00; Tue 07:00-18:00",
    ],
)
def test_other_texts_are_refused(text):
    with pytest.raises(ValueError, match="expected hours such as"):
        parse_hours(text)


@given(st.integers(ms("2020-01-01"), ms("2035-01-01")), st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]))
def test_what_it_announces_comes_true(now, zone):
    opening = Opening("Mon-Fri 07:00-18:00, Sat 22:00-02:30, Sun 02:15-04:00", zone)
    present = opening.state(now)
    change = present.closes_at if present.is_open else present.opens_at

    assert change > now
    assert opening.state(change).is_open is not present.is_open
    assert opening.state(change - 1).is_open is present.is_open
