"""A function that fails: its caller gets the API's problem, and the terminal shows why."""

import pytest

from local.cafe.seed import PASSWORD
from tests.local.live.conftest import log, seconds_until

pytestmark = pytest.mark.long

PROBLEM = {
    "type": "about:blank",
    "title": "Internal Server Error",
    "status": 500,
    "detail": "Something went wrong on our side.",
}

AT_IMPORT = """
from lambdas.runtime.http import endpoint

raise ValueError("at import")
"""

IN_A_CALL = """
from lambdas.runtime.http import endpoint


@endpoint
def handler(request):
    raise ValueError("in a call")
"""

WITHOUT_ENDPOINT = """
def handler(event, context):
    raise KeyError("café")
"""

LONG = """
def handler(event, context):
    raise ValueError("long " * 50_000)
"""

NO_RESPONSE = """
def handler(event, context):
    return "no response"
"""

ENDS = """
import os

def handler(event, context):
    os._exit(1)
"""


def sign_in(live):
    return live.api.post("authenticate", json={"username": "ann@example.com", "password": PASSWORD})


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (AT_IMPORT, ['File "lambdas/authenticate.py", line 4, in <module>', "ValueError: at import"]),
        (IN_A_CALL, ['File "lambdas/authenticate.py", line 7, in handler', "ValueError: in a call"]),
        (WITHOUT_ENDPOINT, ['File "lambdas/authenticate.py", line 3, in handler', "KeyError: 'café'"]),
        (LONG, ["ValueError: long long", 'File "lambdas/authenticate.py", line 3, in handler']),
        (ENDS, ["Worker process died"]),
        (NO_RESPONSE, []),
    ],
    ids=["at import", "in a call", "without endpoint", "long", "ends", "no response"],
)
def test_a_failing_function_is_explained_to_the_developer_and_to_nobody_else(live, save, source, shown):
    before = len(log(live))
    save(**{"lambdas/authenticate.py": source})
    seconds_until(lambda: sign_in(live).status_code == 500)

    answer = sign_in(live)

    assert answer.json() == PROBLEM
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"]
    for text in shown:
        seconds_until(lambda text=text: text in log(live)[before:])
    told = log(live)[before:]
    assert ("authenticate failed (request " in told) == bool(shown)
    assert "importlib" not in told
    assert "scratch" not in told


def test_a_function_that_cannot_be_imported_is_told_when_it_is_saved(live, save):
    before = len(log(live))

    save(**{"lambdas/get_orders.py": AT_IMPORT})

    seconds_until(lambda: "lambdas/get_orders.py cannot be imported:\n" in log(live)[before:])
    told = log(live)[before:]
    assert '  File "lambdas/get_orders.py", line 4, in <module>\n' in told
    assert "importlib" not in told
