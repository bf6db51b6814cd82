"""The functions' custom metrics, written to the log in CloudWatch's embedded metric format, which needs no API call.

They appear in the namespace `POWERTOOLS_METRICS_NAMESPACE` with the dimension `service`, which is the function's
module. Powertools reads both from environment variables.
"""

from enum import StrEnum

from aws_lambda_powertools.metrics import MetricUnit, single_metric


class Metric(StrEnum):
    """The names of the metrics."""

    ORDERS_CREATED = "OrdersCreated"
    ORDERS_ACCEPTED = "OrdersAccepted"
    TIME_TO_ACCEPT = "TimeToAccept"
    """From an order's creation to its acceptance, in ms."""
    ORDERS_NOT_INVOICED = "OrdersNotInvoiced"
    """Filled orders for which no invoice could be created."""
    LEDGER_CHANGES = "LedgerChanges"
    """Changed or removed entries of the invoice ledger, which only ever grows."""
    LIVE_FAILURES = "LiveFailures"
    """Batches of changes that were not all published to the live updates."""
    FAILURES = "Failures"
    """Unexpected errors, by `kind`: the exception's name."""
    REFUSALS = "Refusals"
    """Refused requests, by `kind`: the refusal's reason."""


def count(metric: Metric) -> None:
    """Add one to a metric."""
    with single_metric(metric, MetricUnit.Count, 1):
        pass


def count_by_kind(metric: Metric, kind: str) -> None:
    """Add one to a metric with the dimension `kind`, and one without it, because alarms watch all kinds together."""
    count(metric)
    with single_metric(metric, MetricUnit.Count, 1, default_dimensions={"kind": kind}):
        pass


def measure_ms(metric: Metric, ms: int) -> None:
    """Record a duration in ms."""
    with single_metric(metric, MetricUnit.Milliseconds, ms):
        pass
