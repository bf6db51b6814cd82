"""When somebody is told, and what: one row an alarm."""

from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from lambdas.runtime.metrics import Metric

from ..blocks.durable_queue import RETENTION_SECONDS
from .watched import Measure, Watched, of_api, of_function, of_queue, of_service, of_workflow

OLDEST_MESSAGE_SECONDS = 300
"""How long a message may wait in a queue."""

STREAM_DELAY_MS = 60_000
"""How far behind the reader of the table's stream may be."""

SERVER_ERROR_RATE = 0.01
"""The share of requests that may end in a 5xx."""

SLOWEST_MS = 2_000
"""What 99 of 100 requests have to stay below."""

SET_ASIDE = (
    "`python -m ops dead-letters` says what they are and why; once the cause is gone, "
    f"`python -m ops redrive` sends them back. They are kept for {RETENTION_SECONDS // 86_400} days."
)


class Alarm(NamedTuple):
    """Goes off when a metric is above a threshold, in so many of the last so many periods."""

    label: str
    """What the alarm's name ends in."""
    measure: Measure
    statistic: str
    """`Sum`, `Average`, `Maximum`, or a percentile: `p99`."""
    threshold: float
    """In the metric's own unit."""
    description: str
    """What it means, and what to do first."""
    period_seconds: int = 60
    datapoints: int = 1
    periods: int = 1


def alarms(watched: Watched) -> list[Alarm]:
    """All alarms of the café."""
    queues = watched["queues"].items()
    return [
        *(_dead_letters(label, queue.dead_letters_name, "Messages") for label, queue in queues),
        _dead_letters("stream-failures", watched["stream_failures_name"], "Records of the orders table's stream"),
        *_invoices(watched),
        *(_backlog(label, queue.name) for label, queue in queues),
        Alarm(
            "stream-delay",
            of_function(watched["stream_handler"], "IteratorAge"),
            "Maximum",
            STREAM_DELAY_MS,
            "Kitchen and customers hear of orders more than a minute late. Look at the log of publish_changes for a "
            "record that fails again and again: nothing behind it moves until it succeeds or is set aside.",
        ),
        Alarm(
            "api-server-errors",
            of_api(watched, "5XXError"),
            "Average",  # which for this metric is the rate
            SERVER_ERROR_RATE,
            "More than 1 % of all requests fail on our side. Run the saved query `failures` for the exceptions; "
            "where it finds none, look for throttles on the dashboard.",
            period_seconds=300,
            datapoints=2,
            periods=3,
        ),
        Alarm(
            "api-latency",
            of_api(watched, "Latency"),
            "p99",
            SLOWEST_MS,
            "One request in a hundred takes more than two seconds. Run the saved query `slow-requests` to see which "
            "function it is; with few requests it may be nothing but functions that start.",
            period_seconds=300,
            datapoints=3,
            periods=3,
        ),
        Alarm(
            "authorizer-failures",
            # Not Lambda's `Errors`: for API Gateway to answer 401 the authorizer has to raise, so every token that it
            # rightly refuses counts as an error there.
            of_service(watched, Metric.FAILURES, "authorize"),
            "Sum",
            0,
            "The authorizer could not check a token, so somebody who may have been in the right was turned away. "
            "Run the saved query `failures`: most likely the user pool's keys could not be fetched.",
            period_seconds=300,
        ),
        *_workflow(watched),
    ]


def _dead_letters(label: str, queue_name: pulumi.Input[str], what: str) -> Alarm:
    return Alarm(
        f"{label}-dead-letters",
        of_queue(queue_name, "ApproximateNumberOfMessagesVisible"),
        "Maximum",
        0,
        f"{what} were given up and set aside ({label}). {SET_ASIDE}",
    )


def _backlog(label: str, queue_name: pulumi.Input[str]) -> Alarm:
    return Alarm(
        f"{label}-backlog",
        of_queue(queue_name, "ApproximateAgeOfOldestMessage"),
        "Maximum",
        OLDEST_MESSAGE_SECONDS,
        f"A message has waited for more than five minutes ({label} queue): its consumer fails, or is too slow for all "
        "that comes in. Look for errors and throttles on the dashboard, and run the saved query `failures`.",
    )


def _invoices(watched: Watched) -> list[Alarm]:
    """Where orders become invoices."""
    failures_name = watched.get("invoice_failures_name")
    if failures_name is None:
        return []
    what = "Filled orders that no invoice could be made of"
    return [_dead_letters("invoice-failures", failures_name, what)]


def _workflow(watched: Watched) -> list[Alarm]:
    """An order that is refused is no failure; one is when what was begun could not be undone."""
    arn = watched.get("state_machine_arn")
    if arn is None:
        return []
    return [
        Alarm(
            label,
            of_workflow(arn, metric),
            "Sum",
            0,
            f"An order's workflow {what}, and left something half done: most likely a payment was not given back. Open "
            "the execution in the Step Functions console, which is named after the order: it shows the step that "
            "failed, and so what has to be put right by hand.",
        )
        for label, metric, what in [
            ("workflow-failures", "ExecutionsFailed", "failed"),
            ("workflow-timeouts", "ExecutionsTimedOut", "took too long and was ended"),
        ]
    ]


def make_alarm(
    name: str, alarm: Alarm, topic_arn: pulumi.Input[str] | None, opts: pulumi.ResourceOptions
) -> aws.cloudwatch.MetricAlarm:
    """The alarm; the topic, if there is one, hears when it goes off and when it is over."""
    is_percentile = alarm.statistic.startswith("p")
    told = [topic_arn] if topic_arn else None
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
        # Nothing to measure is a quiet hour.
        treat_missing_data="notBreaching",
        alarm_actions=told,
        ok_actions=told,
        opts=opts,
    )
