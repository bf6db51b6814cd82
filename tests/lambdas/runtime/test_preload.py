"""The services that a function creates on import, tested in a fresh interpreter."""

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
names = ("cafe.services", "identity.guest_services", "identity.services", "identity.token_services")
names += ("invoices.services", "orders.services", "photos.services")
domains = [importlib.import_module(f"lambdas.{name}") for name in names]
everything = {name: each for domain in domains for name, each in vars(domain).items() if hasattr(each, "cache_info")}
for name in json.loads(sys.argv[1]):
    [each.cache_clear() for each in everything.values()]
    module = importlib.import_module(f"lambdas.{name}")
    used = [name for name, each in everything.items() if getattr(module, name, None) is each]
    print(json.dumps([name, used, [name for name in used if everything[name].cache_info().currsize]]))
"""
"""Prints, for each function, the services that it calls and those of them that exist after the import."""


def imported(start: dict[str, str]) -> dict[str, tuple[list[str], list[str]]]:
    """The services that each function calls, and those that it creates on import in the given environment."""
    environment = {**ENVIRONMENT, "AWS_DEFAULT_REGION": "eu-central-1", **start}
    command = [sys.executable, "-c", IMPORT, json.dumps(FUNCTIONS)]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return {name: (used, created) for name, used, created in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("kind", ["snap-start", "provisioned-concurrency"])
def test_a_function_that_starts_before_a_call_creates_its_services(kind):
    found = imported({"AWS_LAMBDA_INITIALIZATION_TYPE": kind})

    assert set(found) == set(FUNCTIONS)
    assert {name: created for name, (used, created) in found.items() if not used or created != used} == {}


@pytest.mark.parametrize("start", [{"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}, {}], ids=["on-demand", "elsewhere"])
def test_other_functions_create_no_services_on_import(start):
    found = imported(start)

    assert all(used for used, _ in found.values())
    assert {name: created for name, (_, created) in found.items() if created} == {}
