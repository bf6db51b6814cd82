"""Two hundred clients at once: every one is served. The benchmark's table has the speed."""

import pytest

from tests.bench import crowd

pytestmark = pytest.mark.long


def test_no_request_of_many_clients_fails(monkeypatch):
    monkeypatch.setattr(crowd, "CLIENTS", (4, 200))
    monkeypatch.setattr(crowd, "SECONDS", 5)

    rows = {row.what: row.measured for row in crowd.measure()}

    assert rows["200 clients: failed requests"].startswith("0 of ")
