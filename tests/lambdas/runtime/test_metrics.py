"""Metrics conform to CloudWatch's "Specification: Embedded metric format"."""

import json
import time

import pytest

from lambdas.runtime.metrics import Metric, count, count_by_kind, measure_ms
from tests.lambdas.builders import METRICS_NAMESPACE, METRICS_SERVICE


def described(line):
    """The metric that CloudWatch reads from a line: its name, unit, values and dimensions."""
    [directive] = line["_aws"]["CloudWatchMetrics"]
    [names] = directive["Dimensions"]
    [metric] = directive["Metrics"]
    assert directive["Namespace"] == METRICS_NAMESPACE
    assert all(isinstance(line[name], str) for name in names)
    return metric["Name"], metric["Unit"], line[metric["Name"]], {name: line[name] for name in names}


@pytest.mark.parametrize("metric", [Metric.ORDERS_CREATED, Metric.ORDERS_ACCEPTED])
def test_a_count_has_the_functions_dimension(logs, metric):
    count(metric)

    [line] = logs.metrics()
    assert described(line) == (metric, "Count", [1.0], {"service": METRICS_SERVICE})


def test_a_time_is_in_ms(logs):
    measure_ms(Metric.TIME_TO_ACCEPT, 1234)

    [line] = logs.metrics()
    assert described(line) == ("TimeToAccept", "Milliseconds", [1234.0], {"service": METRICS_SERVICE})


def test_a_count_by_kind_is_also_counted_in_total(logs):
    count_by_kind(Metric.FAILURES, "ValueError")

    assert [described(line) for line in logs.metrics()] == [
        ("Failures", "Count", [1.0], {"service": METRICS_SERVICE}),
        ("Failures", "Count", [1.0], {"service": METRICS_SERVICE, "kind": "ValueError"}),
    ]


def test_a_kind_does_not_affect_the_next_metric(logs):
    count_by_kind(Metric.FAILURES, "ValueError")
    count(Metric.FAILURES)

    assert described(logs.metrics()[-1]) == ("Failures", "Count", [1.0], {"service": METRICS_SERVICE})


def test_a_line_has_the_time_in_ms(logs):
    count(Metric.FAILURES)

    [line] = logs.metrics()
    assert abs(line["_aws"]["Timestamp"] - time.time() * 1000) < 60_000


def test_each_metric_is_on_its_own_line(logs):
    count(Metric.ORDERS_ACCEPTED)
    measure_ms(Metric.TIME_TO_ACCEPT, 0)

    assert [len(json.loads(line)["_aws"]["CloudWatchMetrics"]) for line in logs.text().splitlines()] == [1, 1]
