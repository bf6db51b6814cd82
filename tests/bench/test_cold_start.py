"""The budget of a start. Long, as it takes many: what one costs cannot be told by one."""

from collections.abc import Mapping

import pytest

from tests.bench.cold_start import AUTHORIZER_GOAL, GOAL, MORE_THAN_ONE_CLIENT, ratios

pytestmark = pytest.mark.long

NOISE = 0.15
"""What a ratio may be off on a machine that is busy with something else."""


@pytest.fixture(scope="module")
def started() -> Mapping[str, float]:
    """A function's start as a ratio to that of boto3 and one client."""
    return ratios(rounds=3)


def test_a_function_with_one_client_starts_within_its_budget(started: Mapping[str, float]) -> None:
    of_one = {name: ratio for name, ratio in started.items() if name not in MORE_THAN_ONE_CLIENT}

    assert len(of_one) > 20
    assert {name: ratio for name, ratio in of_one.items() if ratio > GOAL + NOISE} == {}


def test_the_authorizer_starts_within_its_budget(started: Mapping[str, float]) -> None:
    assert started["authorize"] <= AUTHORIZER_GOAL + NOISE


def test_a_function_with_two_clients_costs_no_more_than_both(started: Mapping[str, float]) -> None:
    of_two = {name: started[name] for name in MORE_THAN_ONE_CLIENT}

    assert {name: ratio for name, ratio in of_two.items() if ratio > 1.5 + NOISE} == {}
