"""What a stack costs each month before anybody orders: quantities, each with its reason."""

from lambdas.api.routes import ROUTES
from lambdas.runtime.metrics import Metric
from ops.order_path import MEMORY_GB, Use
from ops.prices import MONTH_HOURS
from ops.stacks import StackFacts

FIREWALL_RULES = 4
"""Rules of a web ACL: three groups that AWS manages, and a rate limit."""

METRICS_OF_A_METHOD = 5
"""Count, 4XXError, 5XXError, Latency, IntegrationLatency: what API Gateway measures of a method where detailed metrics
are on, each charged as a metric of one's own in the hours in which the method is called."""

POLLERS, POLL_SECONDS = 5, 20
"""Lambda asks a queue by so many connections at once, each of which waits so long for a message (Lambda
developer guide, "Using Lambda with Amazon SQS")."""


def of_a_month(stack: StackFacts) -> list[Use]:
    """Everything that is there without an order. Metrics and traces at most: those of a café that is never quiet."""
    month = MONTH_HOURS * 3600
    count = stack.resources
    uses = [
        Use("Alarms", "alarm", count["aws:cloudwatch/metricAlarm:MetricAlarm"], "those of the program"),
        Use("Dashboard", "dashboard", count["aws:cloudwatch/dashboard:Dashboard"], "that of the program"),
        Use("Metrics: own", "metric", len(Metric), "at most: those without a kind"),
        Use("Metrics: API", "metric", METRICS_OF_A_METHOD * len(ROUTES), "at most: every method called in every hour"),
        Use("Keys", "key", count["aws:kms/key:Key"], "for what alarms tell"),
        Use(
            "Queues: asking",
            "queue-request",
            stack.polled_queues * POLLERS * month / POLL_SECONDS,
            f"{stack.polled_queues} queues that Lambda asks day and night",
        ),
        Use("Traces: steady", "trace", month, "at most: the first of each second is recorded"),
        Use("Firewall: web ACLs", "acl", stack.acls, "where `webFirewall` is on"),
        Use("Firewall: rules", "rule", stack.acls * FIREWALL_RULES, f"{FIREWALL_RULES} in each"),
        Use(
            "Functions: kept started",
            f"kept-gb-second-{stack.architecture}",
            stack.kept_started * MEMORY_GB * month,
            f"{stack.kept_started} environments (`provisionedConcurrency`)",
        ),
    ]
    return [use for use in uses if use.quantity]
