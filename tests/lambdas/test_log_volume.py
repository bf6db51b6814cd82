"""The size of the log output of a call, which CloudWatch bills by volume."""

import json

import pytest

from lambdas import accept_order, create_order, get_orders, publish_changes, update_order
from lambdas.orders.models import Status
from tests.lambdas.builders import (
    SAM,
    an_order,
    api_event,
    placed_body,
    sqs_event,
    sqs_record,
    stream_event,
    stream_record,
)
from tests.lambdas.fakes import FakeOutbox

TRACE_ID = len('"xray_trace_id":"1-5759e988-bd862e3fe1be46a994272793",')
"""The length of the field that AWS adds to each line."""

LINES = {"create_order": 2, "publish_changes": 2, "accept_order": 2}
METRICS = {"create_order": 1, "accept_order": 2}
"""The number of lines and metrics per call. Other functions write one line and no metrics."""

LINE_BYTES, METRIC_BYTES = 500, 250

CALLS = {
    "create_order": (create_order, api_event("POST", body={"id": "7", "items": [{"name": "Tea", "qty": 1}]})),
    "get_orders": (get_orders, api_event("GET")),
    "update_order": (
        update_order,
        api_event("PATCH", caller=SAM, body={"status": "ready"}, parameters={"customer": "ann", "id": "9"}),
    ),
    "accept_order": (accept_order, sqs_event(sqs_record(placed_body("8")))),
    "publish_changes": (publish_changes, stream_event(stream_record("INSERT", new=an_order("8")))),
}


@pytest.mark.parametrize("name", CALLS)
def test_number_and_size_of_log_lines(name, call, store, logs, monkeypatch):
    # The `call` fixture sets `orders`, which this module does not have.
    monkeypatch.setattr(publish_changes, "orders", None, raising=False)
    monkeypatch.setattr(publish_changes, "orders_queue", FakeOutbox)
    store.insert(an_order("8"))
    store.insert(an_order("9", status=Status.ACCEPTED))

    call(*CALLS[name])
    written = logs.text().splitlines()
    metrics = [line for line in written if "_aws" in json.loads(line)]
    lines = [line for line in written if line not in metrics]

    assert (len(lines), len(metrics)) == (LINES.get(name, 1), METRICS.get(name, 0))
    assert 0.6 * LINE_BYTES < max(map(len, lines)) + TRACE_ID <= LINE_BYTES
    assert all(0.6 * METRIC_BYTES < len(line) <= METRIC_BYTES for line in metrics)
