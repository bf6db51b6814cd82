"""Displays and their tokens."""

import pytest

from lambdas.identity.displays import Displays
from lambdas.identity.tokens import InvalidToken
from lambdas.runtime.caller import DISPLAYS
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import ANN, CAFE_TABLE, SAM


@pytest.fixture
def displays(cafe_table, clients):
    return Displays(CAFE_TABLE, clients["dynamodb"])


def test_a_display_is_known_by_its_token_until_it_is_deleted(displays):
    display = displays.new(SAM)
    caller = displays.caller(display.token)
    assert (caller.name, caller.groups) == (f"display-{display.id}", {DISPLAYS})
    displays.check(caller)

    displays.delete(SAM, display.id)

    with pytest.raises(InvalidToken):
        displays.caller(display.token)
    # API Gateway still lets it pass for a while.
    with pytest.raises(Refusal) as refused:
        displays.check(caller)
    assert refused.value.reason == "unauthorized"
    with pytest.raises(Refusal) as refused:
        displays.delete(SAM, display.id)
    assert refused.value.reason == "missing"


def test_other_displays_stay(displays):
    first, second = displays.new(SAM), displays.new(SAM)
    displays.delete(SAM, first.id)

    assert displays.caller(second.token).name == f"display-{second.id}"


def test_the_table_does_not_have_the_token(displays, clients):
    token = displays.new(SAM).token

    assert token.rpartition(".")[2] not in str(clients["dynamodb"].scan(TableName=CAFE_TABLE))


def test_any_other_token_is_invalid(displays):
    kind, name, secret = displays.new(SAM).token.split(".")
    other = displays.new(SAM).token.split(".")

    for token in (
        f"{kind}.{name}.{other[2]}",
        f"{kind}.{other[1]}.{secret}",
        f"{kind}.{name}.{secret[:-1]}",
        f"{kind}.{name}.{secret}\n",
        f"{kind}.{name.upper()}.{secret.upper()}",
        f"{kind}.{'0' * 16}.{secret}",
        f"{kind}..",
        f"{kind}.{name}.{'é' * 64}",
        "",
    ):
        with pytest.raises(InvalidToken):
            displays.caller(token)


def test_only_staff_add_and_delete_displays(displays):
    display = displays.new(SAM)
    guest_of_a_display = displays.caller(display.token)

    for caller in (ANN, guest_of_a_display):
        with pytest.raises(Refusal, match="Only staff"):
            displays.new(caller)
        with pytest.raises(Refusal, match="Only staff"):
            displays.delete(caller, display.id)
    with pytest.raises(Refusal, match="Only staff"):
        displays.check(ANN)
    displays.check(SAM)
