"""What a function has made when it has been imported. In a fresh interpreter: in this one everything has been."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lambdas.api.routes import ROUTES
from tests.lambdas.test_services import ENVIRONMENT

ROOT = Path(__file__).parents[3]
FUNCTIONS = sorted({route.function for route in ROUTES if route.function})

IMPORT = """
import importlib, json, sys
names = ("identity", "invoices", "orders", "photos")
domains = [importlib.import_module(f"lambdas.{name}.services") for name in names]
everything = {name: each for domain in domains for name, each in vars(domain).items() if hasattr(each, "cache_info")}
for name in json.loads(sys.argv[1]):
    [each.cache_clear() for each in everything.values()]
    module = importlib.import_module(f"lambdas.{name}")
    used = [name for name, each in everything.items() if getattr(module, name, None) is each]
    print(json.dumps([name, used, [name for name in used if everything[name].cache_info().currsize]]))
"""
"""Says of each function which services it calls itself, and which of them are made."""


def imported(start: dict[str, str]) -> dict[str, tuple[list[str], list[str]]]:
    """The services that each function calls and those that are there before it does, where it is started so."""
    environment = {**ENVIRONMENT, "AWS_DEFAULT_REGION": "eu-central-1", **start}
    command = [sys.executable, "-c", IMPORT, json.dumps(FUNCTIONS)]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return {name: (used, made) for name, used, made in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("kind", ["snap-start", "provisioned-concurrency"])
def test_a_function_that_is_started_before_there_is_a_call_has_made_all_that_it_calls(kind):
    found = imported({"AWS_LAMBDA_INITIALIZATION_TYPE": kind})

    assert set(found) == set(FUNCTIONS)
    assert {name: made for name, (used, made) in found.items() if not used or made != used} == {}


@pytest.mark.parametrize("start", [{"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}, {}], ids=["on-demand", "elsewhere"])
def test_any_other_makes_nothing_before_it_is_called(start):
    found = imported(start)

    assert all(used for used, _ in found.values())
    assert {name: made for name, (_, made) in found.items() if made} == {}
