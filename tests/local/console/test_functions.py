"""What each function did."""

from local.console.functions import LAST, functions, position
from tests.local.recorder.records import call, invocation

TRACEBACK = """Traceback (most recent call last):
  File "lambdas/runtime/batch.py", line 12, in each
    handle(record)
  File "lambdas/accept_order.py", line 30, in handler
    raise ValueError("no milk")
ValueError: no milk"""


def test_calls_times_and_cold_starts_are_counted():
    records = [invocation(n, "get_order", ms=n, is_cold=n == 1) for n in range(1, 101)]
    [found] = functions([*records, call(101)], ["get_order"], now_ms=60_050)
    assert (found["count"], found["errors"], found["cold"], found["lastMinute"]) == (100, 0, 1, 50)
    assert (round(found["p50"]), round(found["p95"])) == (50, 95)
    assert found["failure"] is None
    assert [each["id"] for each in found["calls"]] == list(range(100, 100 - LAST, -1))


def test_functions_that_failed_come_first_with_why():
    records = [
        invocation(1, "get_order"),
        invocation(2, "accept_order", error="record failed", traceback=TRACEBACK),
        invocation(3, "accept_order"),
    ]
    found = functions(records, ["accept_order", "authorize", "get_order"], now_ms=0)
    assert [it["module"] for it in found] == ["accept_order", "get_order", "authorize"]
    assert found[0]["failure"] == {
        "id": 2,
        "at": 2,
        "error": "record failed: ValueError: no milk",
        "traceback": TRACEBACK,
    }
    assert found[2]["p50"] is None


def test_one_call_has_times():
    [found] = functions([invocation(1, "get_order", ms=7)], ["get_order"], now_ms=0)
    assert (found["p50"], found["p95"]) == (7, 7)


def test_the_position_is_that_of_the_last_frame():
    assert position(TRACEBACK) == "lambdas/accept_order.py:30 in handler"
    assert position("") == ""
