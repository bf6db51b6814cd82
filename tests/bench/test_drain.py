"""The kitchen's queue: more functions at once take more out of it."""

import pytest

from tests.bench import drain

pytestmark = pytest.mark.long


def test_four_at_once_accept_more_than_one_does(monkeypatch):
    monkeypatch.setattr(drain, "WORKERS", (1, 4))
    monkeypatch.setattr(drain, "ORDERS", 1800)

    rows = {row.what: row.measured for row in drain.measure()}

    four = rows["queue handler, 4 at once: orders accepted"]
    assert float(four.split(", ")[1].split()[0]) > 1.1
