"""CloudWatch alarms and dashboards."""

from ops.emulator_client import Aws

from .registry import Created, Planned, creates


@creates("aws:cloudwatch/metricAlarm:MetricAlarm")
def metric_alarm(aws: Aws, planned: Planned) -> Created:
    """Create an alarm. The emulator evaluates alarms when metric data arrives, and ignores dimensions."""
    name = planned.physical_name()
    inputs = planned.inputs
    optional = inputs.only(
        alarmDescription="AlarmDescription",
        statistic="Statistic",
        extendedStatistic="ExtendedStatistic",
        datapointsToAlarm="DatapointsToAlarm",
        treatMissingData="TreatMissingData",
        alarmActions="AlarmActions",
        okActions="OKActions",
    )
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace=inputs["namespace"],
        MetricName=inputs["metricName"],
        Dimensions=[{"Name": key, "Value": value} for key, value in inputs["dimensions"].items()],
        ComparisonOperator=inputs["comparisonOperator"],
        Threshold=inputs["threshold"],
        Period=inputs["period"],
        EvaluationPeriods=inputs["evaluationPeriods"],
        **optional,
    )
    return Created(name, {"name": name, "arn": aws.arn("cloudwatch", f"alarm:{name}")})


@creates("aws:cloudwatch/dashboard:Dashboard")
def dashboard(aws: Aws, planned: Planned) -> Created:
    """Create a dashboard from its JSON body."""
    name = planned.physical_name("dashboardName")
    aws.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=planned.inputs["dashboardBody"])
    return Created(name, {"dashboardArn": aws.arn("cloudwatch", f"dashboard/{name}", region="")})
