"""A log group with a metric filter, an alarm that notifies a topic, and a dashboard."""

import json

import pulumi
import pulumi_aws as aws
from common import CHANGED

logs = aws.cloudwatch.LogGroup("app", retention_in_days=14 if CHANGED else 7)
aws.cloudwatch.LogMetricFilter(
    "errors",
    log_group_name=logs.name,
    pattern="ERROR",
    metric_transformation={"name": "Errors", "namespace": "app", "value": "1"},
)
topic = aws.sns.Topic("alarms")
alarm = aws.cloudwatch.MetricAlarm(
    "errors",
    namespace="app",
    metric_name="Errors",
    comparison_operator="GreaterThanThreshold",
    threshold=5 if CHANGED else 1,
    period=60,
    evaluation_periods=1,
    statistic="Sum",
    alarm_actions=[topic.arn],
)
widget = {"type": "metric", "properties": {"metrics": [["app", "Errors"]], "region": "us-east-1"}}
aws.cloudwatch.Dashboard("app", dashboard_name="app", dashboard_body=json.dumps({"widgets": [widget]}))
pulumi.export("alarm", alarm.name)
