"""The functions' own metrics, written into the log in CloudWatch's embedded format: no call, no waiting.

They appear in the namespace `POWERTOOLS_METRICS_NAMESPACE` under the dimension `service`, which is the function's
module. Powertools takes both from the environment.
"""

from enum import StrEnum

from aws_lambda_powertools.metrics import MetricUnit, single_metric


class Metric(StrEnum):
    """What is measured."""

    ORDERS_CREATED = "OrdersCreated"
    ORDERS_ACCEPTED = "OrdersAccepted"
    TIME_TO_ACCEPT = "TimeToAccept"
    """From an order's creation to its acceptance, in ms."""
    ORDERS_NOT_INVOICED = "OrdersNotInvoiced"
    """Orders that no invoice could be made of."""
    FAILURES = "Failures"
    """What should not happen, by `kind`: the exception's name."""
    REFUSALS = "Refusals"
    """What callers did wrong, by `kind`: the refusal's reason."""


def count(metric: Metric) -> None:
    """One more of something."""
    with single_metric(metric, MetricUnit.Count, 1):
        pass


def count_by_kind(metric: Metric, kind: str) -> None:
    """One more of something that comes in kinds; alarms look at all kinds together, so that is written too."""
    count(metric)
    with single_metric(metric, MetricUnit.Count, 1, default_dimensions={"kind": kind}):
        pass


def measure_ms(metric: Metric, ms: int) -> None:
    """How long something took."""
    with single_metric(metric, MetricUnit.Milliseconds, ms):
        pass
