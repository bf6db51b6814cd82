"""Alarms, their topic, the dashboard and the saved queries, for a small café and for the whole program."""

import json
import re
from functools import cache
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.blocks.durable_queue import DurableQueue
from components.blocks.python_function import FunctionPlatform, PythonFunction
from components.monitoring.alarms import Alarm, alarms
from components.monitoring.dashboard import COLUMNS, Widget, place
from components.monitoring.monitoring import Monitoring, MonitoringArgs
from components.rest_api.rest_api import RestApi
from lambdas.runtime.metrics import Metric
from tests.components.policies import allowed, statements
from tests.components.recorder import ACCOUNT, REGION, ROOT, Recorded, Recording, record, recorded_stack

STATE_MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:orders"
OPERATIONS = "-operations"
ALWAYS = ["create_order", "create_queued_order", "publish_changes", "authorize"]

METRICS = {
    "AWS/ApiGateway": {"4XXError", "5XXError", "Count", "Latency"},
    "AWS/Lambda": {"Duration", "Errors", "IteratorAge", "Throttles"},
    "AWS/SQS": {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"},
    "AWS/States": {
        *("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionTime"),
    },
    "cafe": set(Metric),
}
"""The metrics in each service's documentation; `cafe` is the namespace of the functions' custom metrics."""


def small_args(*, workflow: bool = False, email: str = "") -> MonitoringArgs:
    platform: FunctionPlatform = {
        "log_retention_days": 30,
        "metrics_namespace": "cafe-dev",
    }

    def function(module: str) -> PythonFunction:
        args = {"platform": platform, "module": f"lambdas.{module}", "description": module}
        return PythonFunction(f"its-{module}", args)

    def queue(label: str) -> DurableQueue:
        return DurableQueue(f"its-{label}", {"visibility_timeout_seconds": 60, "max_message_bytes": 4096})

    api = RestApi("its-api")
    aws.apigateway.Stage("its-stage", rest_api=api.id, deployment="it", stage_name="v1")
    functions = {module: function(module) for module in [*ALWAYS, "confirm_order" if workflow else "accept_order"]}
    args: MonitoringArgs = {
        "prefix": "cafe-dev",
        "api": api,
        "stage_name": "v1",
        "functions": functions,
        "queues": {label: queue(label) for label in ["orders", "intake", *(["kitchen"] if workflow else [])]},
        "failures": {"stream": aws.sqs.Queue("its-stream-failures").name},
        "publish_changes": functions["publish_changes"],
        "operations_email": email,
    }
    if workflow:
        args["state_machine_arn"] = STATE_MACHINE
    return args


@cache
def small(*, workflow: bool = False, email: str = "") -> Recording:
    return record(lambda: Monitoring("it", small_args(workflow=workflow, email=email)))


@pytest.fixture(scope="module", params=["small", "dev with the workflow"])
def monitored(request: pytest.FixtureRequest) -> Recording:
    stack, _, workflow = request.param.partition(" with the ")
    return small(workflow=bool(workflow)) if stack == "small" else recorded_stack(stack, workflow=bool(workflow))


def topic(cafe: Recording) -> Recorded:
    return cafe.one(aws.sns.Topic, OPERATIONS)


def by_label(cafe: Recording) -> dict[str, Recorded]:
    (monitoring,) = [component for component in cafe.components if component.type == "cafe:index:Monitoring"]
    return {alarm.name.removeprefix(f"{monitoring.name}-"): alarm for alarm in cafe.of(aws.cloudwatch.MetricAlarm)}


def alarms_on(cafe: Recording, queue: Recorded, metric: str) -> list[Recorded]:
    return [
        alarm
        for alarm in cafe.of(aws.cloudwatch.MetricAlarm)
        if (alarm["metricName"], alarm["dimensions"]) == (metric, {"QueueName": queue.outputs["name"]})
    ]


def services(cafe: Recording) -> dict[tuple[str, str], Recorded]:
    """Functions by the namespace and the service dimension of their custom metrics."""
    return {
        (each["POWERTOOLS_METRICS_NAMESPACE"], each["POWERTOOLS_SERVICE_NAME"]): function
        for function in cafe.of(aws.lambda_.Function)
        for each in [function["environment"]["variables"]]
    }


def check_metric(cafe: Recording, namespace: str, name: str, dimensions: dict[str, str]) -> None:
    """Check that something writes the metric: otherwise its graph stays empty and its alarm never fires."""
    match namespace:
        case "AWS/SQS":
            assert dimensions.keys() == {"QueueName"}
            assert dimensions["QueueName"] in cafe.by(aws.sqs.Queue, "name")
        case "AWS/Lambda":
            assert dimensions.keys() == {"FunctionName"}
            assert dimensions["FunctionName"] in cafe.by(aws.lambda_.Function, "name")
        case "AWS/ApiGateway":
            assert dimensions == {
                "ApiName": cafe.one(aws.apigateway.RestApi).outputs["name"],
                "Stage": cafe.one(aws.apigateway.Stage)["stageName"],
            }
        case "AWS/States":
            assert dimensions.keys() == {"StateMachineArn"}
            made = [each.arn for each in cafe.resources if each.type == aws.sfn.StateMachine.pulumi_type]
            assert dimensions["StateMachineArn"] in (made or [STATE_MACHINE])
        case _:
            assert dimensions.keys() == {"service"}
            assert (namespace, dimensions["service"]) in services(cafe)
            source = (ROOT / "lambdas" / f"{dimensions['service']}.py").read_text(encoding="utf-8")
            # The decorator of a workflow's step counts its failures.
            if "@step" in source:
                source += (ROOT / "lambdas/orders/steps.py").read_text(encoding="utf-8")
            assert f"Metric.{Metric(name).name}" in source
            namespace = "cafe"
    assert name in METRICS[namespace]


def test_every_dead_letter_queue_has_an_alarm(monitored: Recording) -> None:
    dead_letters = [queue for queue in monitored.of(aws.sqs.Queue) if "redrivePolicy" not in queue.inputs]
    for queue in dead_letters:
        (alarm,) = alarms_on(monitored, queue, "ApproximateNumberOfMessagesVisible")

        assert (alarm["statistic"], alarm["threshold"], alarm["evaluationPeriods"]) == ("Maximum", 0, 1), str(queue)
        assert "python -m ops dead-letters" in alarm["alarmDescription"]
        assert "python -m ops redrive" in alarm["alarmDescription"]


def test_every_other_queue_has_a_backlog_alarm(monitored: Recording) -> None:
    for queue in [queue for queue in monitored.of(aws.sqs.Queue) if "redrivePolicy" in queue.inputs]:
        (alarm,) = alarms_on(monitored, queue, "ApproximateAgeOfOldestMessage")

        assert (alarm["statistic"], alarm["threshold"]) == ("Maximum", 300), str(queue)


def test_every_alarm_notifies_the_operations_topic_of_alarm_and_ok(monitored: Recording) -> None:
    notified = {tuple(alarm[key]) for alarm in by_label(monitored).values() for key in ("alarmActions", "okActions")}

    assert notified == {(topic(monitored).arn,)}


def test_every_alarm_description_says_what_to_do(monitored: Recording) -> None:
    descriptions = {label: alarm["alarmDescription"] for label, alarm in by_label(monitored).items()}

    what_to_do = re.compile(r"`python -m ops|[Ll]ook (at|for)|Run the saved query|Open the execution")
    assert [label for label, text in descriptions.items() if not what_to_do.search(text)] == []
    # CloudWatch's limit.
    assert [label for label, text in descriptions.items() if len(text) > 1024] == []
    assert len(set(descriptions.values())) == len(descriptions)


def test_descriptions_name_only_saved_queries(monitored: Recording) -> None:
    saved = {query["name"].rpartition("/")[2] for query in monitored.of(aws.cloudwatch.QueryDefinition)}
    named = [re.findall(r"saved query `([^`]*)`", a["alarmDescription"]) for a in by_label(monitored).values()]

    assert {title for titles in named for title in titles} <= saved
    assert any(named)


def test_missing_data_does_not_trigger_alarms(monitored: Recording) -> None:
    settings = {
        (alarm["comparisonOperator"], alarm["treatMissingData"], "actionsEnabled" in alarm.inputs)
        for alarm in by_label(monitored).values()
    }

    assert settings == {("GreaterThanThreshold", "notBreaching", False)}


def test_every_alarm_uses_an_existing_metric(monitored: Recording) -> None:
    for alarm in by_label(monitored).values():
        check_metric(monitored, alarm["namespace"], alarm["metricName"], alarm["dimensions"])


def test_the_stream_alarm_uses_the_stream_handlers_metric(monitored: Recording) -> None:
    functions = monitored.by(aws.lambda_.Function, "name")
    alarm = by_label(monitored)["stream-delay"]

    assert functions[alarm["dimensions"]["FunctionName"]]["handler"] == "lambdas.publish_changes.handler"


def values(alarm: Recorded) -> tuple[Any, ...]:
    statistic = alarm.get("statistic") or alarm["extendedStatistic"]
    periods = f"{alarm['datapointsToAlarm']:.0f} of {alarm['evaluationPeriods']:.0f}"
    return alarm["metricName"], statistic, alarm["threshold"], alarm["period"], periods


def test_alarm_thresholds() -> None:
    found = {label: values(alarm) for label, alarm in by_label(small(workflow=True)).items()}

    backlog = ("ApproximateAgeOfOldestMessage", "Maximum", 300, 60, "1 of 1")
    dead_letters = ("ApproximateNumberOfMessagesVisible", "Maximum", 0, 60, "1 of 1")
    assert found == {
        "orders-dead-letters": dead_letters,
        "intake-dead-letters": dead_letters,
        "kitchen-dead-letters": dead_letters,
        "stream-dead-letters": dead_letters,
        "orders-backlog": backlog,
        "intake-backlog": backlog,
        "kitchen-backlog": backlog,
        "stream-delay": ("IteratorAge", "Maximum", 60_000, 60, "1 of 1"),
        "api-server-errors": ("5XXError", "Average", 0.01, 300, "2 of 3"),
        "api-latency": ("Latency", "p99", 2_000, 300, "3 of 3"),
        "authorizer-failures": ("Failures", "Sum", 0, 300, "1 of 1"),
        "check-order-failures": ("Failures", "Sum", 4, 300, "1 of 1"),
        "take-payment-failures": ("Failures", "Sum", 4, 300, "1 of 1"),
        "confirm-order-failures": ("Failures", "Sum", 4, 300, "1 of 1"),
        "workflow-failures": ("ExecutionsFailed", "Sum", 0, 60, "1 of 1"),
        "workflow-timeouts": ("ExecutionsTimedOut", "Sum", 0, 60, "1 of 1"),
    }


def test_an_alarm_has_one_kind_of_statistic(monitored: Recording) -> None:
    both = [a for a in by_label(monitored).values() if ("statistic" in a.inputs) == ("extendedStatistic" in a.inputs)]

    assert list(map(str, both)) == []


def test_without_a_workflow_there_are_no_workflow_metrics() -> None:
    rows: list[Alarm] = []
    record(lambda: rows.extend(alarms(small_args())))

    assert [row.label for row in rows if row.measure.namespace == "AWS/States"] == []
    assert "AWS/States" not in small().one(aws.cloudwatch.Dashboard)["dashboardBody"]


def widgets(cafe: Recording) -> list[dict[str, Any]]:
    return list(json.loads(cafe.one(aws.cloudwatch.Dashboard)["dashboardBody"])["widgets"])


def lines(cafe: Recording) -> list[list[Any]]:
    return [line for widget in widgets(cafe) for line in widget["properties"].get("metrics", [])]


def test_the_dashboard_has_the_stacks_name(monitored: Recording) -> None:
    (namespace,) = {namespace for namespace, _ in services(monitored)}

    assert monitored.one(aws.cloudwatch.Dashboard)["dashboardName"] == namespace


def test_widgets_do_not_overlap(monitored: Recording) -> None:
    cells = [
        (x, y)
        for widget in widgets(monitored)
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]

    assert len(set(cells)) == len(cells)
    assert {x for x, _ in cells} == set(range(COLUMNS))


def test_a_row_starts_below_the_tallest_widget_of_the_row_before() -> None:
    sizes = [(16, 2), (8, 5), (8, 3), (24, 1)]
    placed = place(Widget("text", {}, width, height) for width, height in sizes)

    assert [(each["x"], each["y"]) for each in placed] == [(0, 0), (16, 0), (0, 5), (0, 8)]


def test_every_widget_has_a_title_and_all_but_alarms_a_region(monitored: Recording) -> None:
    titles = [widget["properties"]["title"] for widget in widgets(monitored)]

    assert len(set(titles)) == len(titles)
    regions = {(widget["type"], widget["properties"].get("region")) for widget in widgets(monitored)}
    assert regions == {("alarm", None), ("metric", REGION), ("log", REGION)}


def test_the_dashboard_shows_every_alarm(monitored: Recording) -> None:
    shown = [arn for widget in widgets(monitored) for arn in widget["properties"].get("alarms", [])]

    assert sorted(shown) == sorted(alarm.arn for alarm in monitored.of(aws.cloudwatch.MetricAlarm))


def test_every_line_shows_an_existing_metric(monitored: Recording) -> None:
    single = [line for line in lines(monitored) if isinstance(line[0], str)]
    for namespace, name, *dimensions, options in single:
        check_metric(monitored, namespace, name, dict(zip(dimensions[::2], dimensions[1::2], strict=True)))
        assert re.fullmatch(r"Sum|Average|Maximum|p\d\d", options["stat"])
        assert options["label"]
    assert {line[0] for line in single} >= {"AWS/SQS", "AWS/Lambda", "AWS/ApiGateway"}


def test_searches_cover_the_custom_metrics_by_kind(monitored: Recording) -> None:
    (namespace,) = {namespace for namespace, _ in services(monitored)}
    searches = [line[0]["expression"] for line in lines(monitored) if isinstance(line[0], dict)]

    assert searches == [
        f"SEARCH('{{\"{namespace}\",service,kind}} MetricName=\"{name}\"', 'Sum', 300)"
        for name in ("Failures", "Refusals")
    ]


def test_each_queue_and_function_is_on_the_dashboard(monitored: Recording) -> None:
    shown = {dimension for line in lines(monitored) for dimension in line if isinstance(dimension, str)}

    assert monitored.by(aws.sqs.Queue, "name").keys() <= shown
    assert monitored.by(aws.lambda_.Function, "name").keys() <= shown


def test_authorizer_denials_are_not_shown_as_errors(monitored: Recording) -> None:
    authorizer = services(monitored)[next(key for key in services(monitored) if key[1] == "authorize")]
    name = authorizer.outputs["name"]

    assert {line[1] for line in lines(monitored) if name in line} == {"Throttles", "Duration"}


@pytest.mark.parametrize(("workflow", "service"), [(False, "accept_order"), (True, "confirm_order")])
def test_accepted_orders_are_counted_where_they_are_accepted(workflow: bool, service: str) -> None:
    accepting = {
        line[3] for line in lines(small(workflow=workflow)) if line[1:2] in (["OrdersAccepted"], ["TimeToAccept"])
    }

    assert accepting == {service}


def test_the_log_widget_queries_failures_of_every_function(monitored: Recording) -> None:
    (query,) = [w["properties"]["query"] for w in widgets(monitored) if w["type"] == "log"]
    (saved,) = [q for q in monitored.of(aws.cloudwatch.QueryDefinition) if q["name"].endswith("/failures")]

    assert set(re.findall(r"SOURCE '([^']*)' \| ", query)) == function_logs(monitored)
    assert query.endswith(f" | {saved['queryString']}")


def function_logs(cafe: Recording) -> set[str]:
    return {function["loggingConfig"]["logGroup"] for function in cafe.of(aws.lambda_.Function)}


def test_saved_queries_cover_every_function_and_start_with_the_stacks_name(monitored: Recording) -> None:
    (namespace,) = {namespace for namespace, _ in services(monitored)}
    queries = monitored.of(aws.cloudwatch.QueryDefinition)

    assert [str(q) for q in queries if set(q["logGroupNames"]) != function_logs(monitored)] == []
    # The limit of log groups per query (CloudWatch Logs API reference, StartQuery).
    assert len(function_logs(monitored)) <= 50
    assert {query["name"] for query in queries} == {
        f"{namespace}/{title}"
        for title in (
            *("by-correlation-id", "failures", "slow-requests", "refusals-and-errors", "orders-per-hour"),
            "orders-by-status",
        )
    }


def test_queries_match_messages_that_functions_log() -> None:
    queries = [query["queryString"] for query in small().of(aws.cloudwatch.QueryDefinition)]
    messages = {message for query in queries for message in re.findall(r'message = "([^"]*)"', query)}
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "lambdas").rglob("*.py"))

    assert messages == {"answered", "created", "notified the customer"}
    assert [message for message in messages if f'logger.info("{message}"' not in sources] == []


def test_the_topic_is_encrypted_with_a_rotated_key(monitored: Recording) -> None:
    (key,) = [key for key in monitored.of(aws.kms.Key) if key.arn == topic(monitored)["kmsMasterKeyId"]]

    assert key["enableKeyRotation"] is True


ALARMS_OF_THIS_ACCOUNT = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudwatch.amazonaws.com"},
    "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
}


def test_only_this_account_and_its_alarms_can_use_the_key(monitored: Recording) -> None:
    (key,) = [key for key in monitored.of(aws.kms.Key) if key.arn == topic(monitored)["kmsMasterKeyId"]]

    assert allowed(statements(key)) == statements(key)
    assert statements(key) == [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {**ALARMS_OF_THIS_ACCOUNT, "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"},
    ]


def test_only_this_accounts_alarms_can_publish(monitored: Recording) -> None:
    (policy,) = [each for each in monitored.of(aws.sns.TopicPolicy) if each["arn"] == topic(monitored).arn]

    assert statements(policy) == [
        {**ALARMS_OF_THIS_ACCOUNT, "Action": ["sns:Publish"], "Resource": topic(monitored).arn}
    ]


def test_without_operations_email_there_is_no_subscription() -> None:
    assert aws.sns.TopicSubscription.pulumi_type not in {resource.type for resource in small().resources}


def test_operations_email_is_subscribed_to_the_topic() -> None:
    cafe = small(email="ops@cafe.example")
    subscription = cafe.one(aws.sns.TopicSubscription)

    assert (subscription["topic"], subscription["protocol"], subscription["endpoint"]) == (
        topic(cafe).arn,
        "email",
        "ops@cafe.example",
    )


def test_outputs() -> None:
    def program() -> None:
        monitoring = Monitoring("it", small_args())
        pulumi.export("topic", monitoring.topic_arn)
        pulumi.export("dashboard", monitoring.dashboard_name)

    cafe = record(program)

    assert cafe.outputs == {"topic": topic(cafe).arn, "dashboard": "cafe-dev"}
