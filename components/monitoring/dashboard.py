"""The dashboard: an overview of the café's health."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

import pulumi

from lambdas.runtime.metrics import Metric

from .saved_queries import query_text
from .watched import (
    CREATORS,
    Measure,
    Watched,
    acceptor,
    api_metric,
    function_metric,
    queue_metric,
    service_metric,
    workflow_metric,
)

COLUMNS = 24
"""Width of a dashboard (CloudWatch API reference, "Dashboard Body Structure and Syntax")."""

PERIOD_SECONDS = 300
"""Period of a data point in a graph."""

Line = list[Any]
"""A line of a graph, or an expression for several, in the format of a dashboard's `metrics`."""


class Widget(NamedTuple):
    """A widget without its position."""

    type: str
    properties: dict[str, Any]
    width: int = 8
    height: int = 6


def dashboard_body(
    watched: Watched, alarm_arns: Sequence[pulumi.Input[str]], region: pulumi.Input[str]
) -> pulumi.Output[str]:
    """The dashboard as JSON: alarms and orders first, then each part, and the latest failures."""
    alarms = Widget("alarm", {"title": "Alarms", "alarms": list(alarm_arns)}, COLUMNS, 4)
    graphs = [*_orders(watched), *_api(watched), *_queues(watched), *_functions(watched), *_workflow(watched)]
    for graph in graphs:
        graph.properties["region"] = region
    return pulumi.Output.json_dumps({"widgets": place([alarms, *graphs, _latest_failures(watched, region)])})


def place(widgets: Iterable[Widget]) -> list[dict[str, Any]]:
    """Position the widgets in rows from left to right, starting a new row when one is full."""
    placed = []
    x = y = row_height = 0
    for widget in widgets:
        if x + widget.width > COLUMNS:
            x, y, row_height = 0, y + row_height, 0
        placed.append({**widget._asdict(), "x": x, "y": y})
        x, row_height = x + widget.width, max(row_height, widget.height)
    return placed


def _graph(title: str, *lines: Line) -> Widget:
    return Widget("metric", {"title": title, "view": "timeSeries", "period": PERIOD_SECONDS, "metrics": list(lines)})


def _line(measure: Measure, stat: str, label: str) -> Line:
    dimensions = [part for dimension in measure.dimensions.items() for part in dimension]
    return [measure.namespace, measure.name, *dimensions, {"stat": stat, "label": label}]


def _by_kind(watched: Watched, metric: Metric) -> Line:
    """A line for each kind. In a search, a name with a hyphen needs quotes."""
    search = f'{{"{watched["prefix"]}",service,kind}} MetricName="{metric}"'
    label = "${PROP('Dim.service')}: ${PROP('Dim.kind')}"
    return [{"expression": f"SEARCH('{search}', 'Sum', {PERIOD_SECONDS})", "label": label}]


def _orders(watched: Watched) -> list[Widget]:
    accepted = service_metric(watched, Metric.ORDERS_ACCEPTED, acceptor(watched))
    waited = service_metric(watched, Metric.TIME_TO_ACCEPT, acceptor(watched))
    created = [
        _line(service_metric(watched, Metric.ORDERS_CREATED, each), "Sum", f"created: {each}") for each in CREATORS
    ]
    return [
        _graph("Orders", *created, _line(accepted, "Sum", "accepted")),
        _graph("Time from created to accepted, ms", *(_line(waited, stat, stat) for stat in ("p50", "p99"))),
        _graph("Failures", _by_kind(watched, Metric.FAILURES)),
    ]


def _api(watched: Watched) -> list[Widget]:
    counts = [("Count", "requests"), ("4XXError", "4xx"), ("5XXError", "5xx")]
    metric = partial(api_metric, watched["api"].name, watched["stage_name"])
    latency = metric("Latency")
    return [
        _graph(
            "Requests",
            *(_line(metric(name), "Sum", label) for name, label in counts),
        ),
        _graph("API latency, ms", *(_line(latency, stat, stat) for stat in ("p50", "p99"))),
        _graph("Refusals", _by_kind(watched, Metric.REFUSALS)),
    ]


def _queues(watched: Watched) -> list[Widget]:
    waiting, age = "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"
    queues: dict[str, pulumi.Input[str]] = {label: queue.name for label, queue in watched["queues"].items()}
    dead_letters: dict[str, pulumi.Input[str]] = {
        **{label: queue.dead_letters_name for label, queue in watched["queues"].items()},
        **{f"{label} failures": name for label, name in watched["failures"].items()},
    }
    return [
        _graph(title, *(_line(queue_metric(name, metric), "Maximum", label) for label, name in names.items()))
        for title, names, metric in [
            ("Messages waiting", queues, waiting),
            ("Age of the oldest message, s", queues, age),
            ("Dead letters", dead_letters, waiting),
        ]
    ]


def _functions(watched: Watched) -> list[Widget]:
    """The authorizer's errors are left out: every token that it rejects is one."""
    functions = watched["functions"].items()
    delay = function_metric(watched["publish_changes"], "IteratorAge")
    return [
        _graph("Stream delay, ms", _line(delay, "Maximum", "oldest record")),
        _graph(
            "Function errors and throttles",
            *(
                _line(function_metric(f, "Errors"), "Sum", f"{module}: errors")
                for module, f in functions
                if module != "authorize"
            ),
            *(_line(function_metric(f, "Throttles"), "Sum", f"{module}: throttles") for module, f in functions),
        ),
        _graph("Duration p99, ms", *(_line(function_metric(f, "Duration"), "p99", module) for module, f in functions)),
    ]


def _workflow(watched: Watched) -> list[Widget]:
    if (arn := watched.get("state_machine_arn")) is None:
        return []
    metrics = ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut"]
    return [
        _graph(
            "Order workflow", *(_line(workflow_metric(arn, m), "Sum", m.removeprefix("Executions")) for m in metrics)
        ),
        _graph(
            "Order workflow duration, ms",
            *(_line(workflow_metric(arn, "ExecutionTime"), s, s) for s in ("p50", "p99")),
        ),
    ]


def _latest_failures(watched: Watched, region: pulumi.Input[str]) -> Widget:
    sources = [pulumi.Output.format("SOURCE '{0}'", f.log_group_name) for f in watched["functions"].values()]
    query = pulumi.Output.all(*sources).apply(lambda parts: " | ".join([*parts, query_text("failures")]))
    return Widget("log", {"title": "Latest failures", "view": "table", "query": query, "region": region}, COLUMNS, 8)
