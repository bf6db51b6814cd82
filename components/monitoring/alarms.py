"""The alarms: when operators are notified, and of what. One row per alarm."""

from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from lambdas.runtime.metrics import Metric

from ..blocks.durable_queue import RETENTION_SECONDS
from .watched import Measure, Watched, api_metric, function_metric, queue_metric, service_metric, workflow_metric

OLDEST_MESSAGE_SECONDS = 300
"""Maximum time that a message waits in a queue."""

STREAM_DELAY_MS = 60_000
"""Maximum delay of the stream's reader."""

SERVER_ERROR_RATE = 0.01
"""Maximum share of requests that end in a 5xx."""

SLOWEST_MS = 2_000
"""Maximum p99 latency of requests."""

STEP_FAILURES = 4
"""Maximum failures of a workflow's step in five minutes: as many as one order's retries."""

FAILURES = {
    "stream": "Records of the orders table's stream",
    "ledger": "Ledger entries that could not be copied",
    "invoices": "Filled orders that could not be invoiced",
}
"""What the queues of failed stream records hold."""

DEAD_LETTER_HELP = (
    "`python -m ops dead-letters` shows them and why they failed; after you fix the cause, "
    f"`python -m ops redrive` sends them back. They are kept for {RETENTION_SECONDS // 86_400} days."
)


class Alarm(NamedTuple):
    """Goes off when a metric exceeds a threshold in `datapoints` of the last `periods` periods."""

    label: str
    """Suffix of the alarm's name."""
    measure: Measure
    statistic: str
    """`Sum`, `Average`, `Maximum`, or a percentile: `p99`."""
    threshold: float
    """In the metric's unit."""
    description: str
    """What the alarm means, and what to do first."""
    period_seconds: int = 60
    datapoints: int = 1
    periods: int = 1


def alarms(watched: Watched) -> list[Alarm]:
    """All alarms of the café."""
    queues = watched["queues"].items()
    return [
        *(_dead_letters(label, queue.dead_letters_name, "Messages") for label, queue in queues),
        *(_dead_letters(label, name, FAILURES[label]) for label, name in watched["failures"].items()),
        *_invoices(watched),
        *(_backlog(label, queue.name) for label, queue in queues),
        Alarm(
            "stream-delay",
            function_metric(watched["publish_changes"], "IteratorAge"),
            "Maximum",
            STREAM_DELAY_MS,
            "The kitchen and customers are notified more than a minute late. Look at the log of "
            "publish_changes for a record that keeps failing: it blocks those behind it until it succeeds or goes to "
            "the failure queue.",
        ),
        Alarm(
            "api-server-errors",
            api_metric(watched["api"].name, watched["stage_name"], "5XXError"),
            "Average",  # which for this metric is the rate
            SERVER_ERROR_RATE,
            "More than 1 % of all requests end in a server error. Run the saved query `failures` for the exceptions; "
            "if it finds none, look for throttles on the dashboard.",
            period_seconds=300,
            datapoints=2,
            periods=3,
        ),
        Alarm(
            "api-latency",
            api_metric(watched["api"].name, watched["stage_name"], "Latency"),
            "p99",
            SLOWEST_MS,
            "One request in a hundred takes more than two seconds. Run the saved query `slow-requests` to find the "
            "function; with few requests, the cause may be cold starts alone.",
            period_seconds=300,
            datapoints=3,
            periods=3,
        ),
        Alarm(
            "authorizer-failures",
            # Not Lambda's `Errors`: the authorizer must raise for API Gateway to return 401, so every token that it
            # correctly rejects counts as an error there.
            service_metric(watched, Metric.FAILURES, "authorize"),
            "Sum",
            0,
            "The authorizer could not check a token, so it may have rejected a valid one. Run the saved query "
            "`failures`: most likely, the user pool's keys could not be fetched.",
            period_seconds=300,
        ),
        *_live(watched),
        *_ledger(watched),
        *_mail(watched),
        *_workflow(watched),
    ]


def _dead_letters(label: str, queue_name: pulumi.Input[str], what: str) -> Alarm:
    return Alarm(
        f"{label}-dead-letters",
        queue_metric(queue_name, "ApproximateNumberOfMessagesVisible"),
        "Maximum",
        0,
        f"{what} moved to a dead-letter queue after repeated failures ({label}). {DEAD_LETTER_HELP}",
    )


def _backlog(label: str, queue_name: pulumi.Input[str]) -> Alarm:
    return Alarm(
        f"{label}-backlog",
        queue_metric(queue_name, "ApproximateAgeOfOldestMessage"),
        "Maximum",
        OLDEST_MESSAGE_SECONDS,
        f"A message has waited for more than five minutes ({label} queue): its consumer fails or is too slow for the "
        "load. Look for errors and throttles on the dashboard, and run the saved query `failures`.",
    )


def _invoices(watched: Watched) -> list[Alarm]:
    """An alarm only if orders become invoices."""
    if "invoices" not in watched["failures"]:
        return []
    return [
        Alarm(
            "orders-not-invoiced",
            service_metric(watched, Metric.ORDERS_NOT_INVOICED, "invoice_order"),
            "Sum",
            0,
            "A filled order has no total, so it was not invoiced. Look for `not invoiced` in "
            "the log of invoice_order, and invoice the order by hand.",
        ),
        Alarm(
            "invoices-delay",
            function_metric(watched["functions"]["invoice_order"], "IteratorAge"),
            "Maximum",
            STREAM_DELAY_MS,
            "Filled orders are invoiced more than a minute late. Look at the log of invoice_order for a record that "
            "keeps failing.",
        ),
    ]


def _live(watched: Watched) -> list[Alarm]:
    """Alarms only if there are live updates."""
    if "authorize_live" not in watched["functions"]:
        return []
    return [
        Alarm(
            "live-failures",
            service_metric(watched, Metric.LIVE_FAILURES, "publish_changes"),
            "Sum",
            0,
            "Changes were not published to the live updates, so pages show them late. Look for `not published live` in "
            "the log of publish_changes: the event API may be slow, or may have refused them.",
            period_seconds=300,
            datapoints=2,
            periods=3,
        ),
        Alarm(
            "live-authorizer-failures",
            service_metric(watched, Metric.FAILURES, "authorize_live"),
            "Sum",
            0,
            "The authorizer of the live updates could not check a token, so a page may not be live. Run the saved "
            "query `failures`: most likely, the user pool's keys could not be fetched.",
            period_seconds=300,
        ),
    ]


def _ledger(watched: Watched) -> list[Alarm]:
    """An alarm only if there is a ledger."""
    if "anchor_ledger" not in watched["functions"]:
        return []
    return [
        Alarm(
            "ledger-changes",
            service_metric(watched, Metric.LEDGER_CHANGES, "anchor_ledger"),
            "Sum",
            0,
            "An entry of the invoice ledger was changed or removed, which no part of the café does. Look for the entry "
            "in the log of anchor_ledger, and run `python -m ops verify`.",
        )
    ]


def _mail(watched: Watched) -> list[Alarm]:
    """An alarm only if there are invoices."""
    if "send_invoice" not in watched["functions"]:
        return []
    return [
        Alarm(
            "mail-failures",
            service_metric(watched, Metric.FAILURES, "send_invoice"),
            "Sum",
            0,
            "An invoice was sent but not mailed, so its payee got the link. Look for `not mailed` in the log of "
            "send_invoice: the sender may not be verified, SES may still be in its sandbox, or it may have paused.",
        )
    ]


def _workflow(watched: Watched) -> list[Alarm]:
    """A rejected order is not a failure; an incomplete compensation is."""
    arn = watched.get("state_machine_arn")
    if arn is None:
        return []
    return [
        Alarm(
            label,
            workflow_metric(arn, metric),
            "Sum",
            0,
            f"An order's workflow {what} and is incomplete: most likely, a payment was not refunded. Open the "
            "execution, which is named after the order, in the Step Functions console: the failed step shows what "
            "to fix.",
        )
        for label, metric, what in [
            ("workflow-failures", "ExecutionsFailed", "failed"),
            ("workflow-timeouts", "ExecutionsTimedOut", "timed out"),
        ]
    ] + [
        Alarm(
            f"{module.replace('_', '-')}-failures",
            service_metric(watched, Metric.FAILURES, module),
            "Sum",
            STEP_FAILURES,
            f"The step {module} keeps failing, so the workflow cancels orders that nobody refused. Run the saved query "
            "`failures`: the payment provider may not respond.",
            period_seconds=300,
        )
        for module in ("check_order", "take_payment", "confirm_order")
    ]


def make_alarm(
    name: str, alarm: Alarm, topic_arn: pulumi.Input[str] | None, opts: pulumi.ResourceOptions
) -> aws.cloudwatch.MetricAlarm:
    """The alarm; the topic, if any, is notified when it goes off and when it recovers."""
    is_percentile = alarm.statistic.startswith("p")
    actions = [topic_arn] if topic_arn else None
    return aws.cloudwatch.MetricAlarm(
        f"{name}-{alarm.label}",
        alarm_description=alarm.description,
        namespace=alarm.measure.namespace,
        metric_name=alarm.measure.name,
        dimensions=dict(alarm.measure.dimensions),
        statistic=None if is_percentile else alarm.statistic,
        extended_statistic=alarm.statistic if is_percentile else None,
        comparison_operator="GreaterThanThreshold",
        threshold=alarm.threshold,
        period=alarm.period_seconds,
        datapoints_to_alarm=alarm.datapoints,
        evaluation_periods=alarm.periods,
        # No data means no traffic.
        treat_missing_data="notBreaching",
        alarm_actions=actions,
        ok_actions=actions,
        opts=opts,
    )
