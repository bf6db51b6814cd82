"""The calls by which functions are measured: each function has one, and does by it what it is for."""

import importlib
import os
from collections.abc import Iterator

import pytest

from lambdas import authorize
from lambdas.identity import services as identity
from lambdas.invoices import services as invoices
from lambdas.orders import services as orders
from lambdas.photos import services as photos
from lambdas.runtime import aws
from tests.bench.calls import calls, environment, succeeded
from tests.bench.fake_aws import fake_aws
from tests.components.recorder import ROOT
from tests.lambdas.fakes import FakeContext
from tests.lambdas.pool import Pool

POOL = Pool()
CALLS = calls(POOL)


def forget() -> None:
    """Whatever has been made before is for another AWS."""
    for module in (aws, identity, invoices, orders, photos, authorize):
        for each in vars(module).values():
            getattr(each, "cache_clear", lambda: None)()


@pytest.fixture(scope="module")
def _aws() -> Iterator[None]:
    with fake_aws(POOL.jwks()) as address, pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in environment(address).items():
            patch.setenv(name, value)
        forget()
        yield
        forget()


def test_each_function_has_one() -> None:
    sources = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "lambdas").glob("*.py")}

    assert set(CALLS) == {name for name, source in sources.items() if "\ndef handler(" in source}


@pytest.mark.usefixtures("_aws")
@pytest.mark.parametrize("name", CALLS)
def test_a_function_does_by_it_what_it_is_for(name: str) -> None:
    answer = importlib.import_module(f"lambdas.{name}").handler(CALLS[name], FakeContext())

    assert succeeded(answer), answer
