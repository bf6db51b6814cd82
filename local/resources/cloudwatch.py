"""CloudWatch alarms and dashboards."""

from ..emulator_client import Aws
from .provider import Created, Existing, Inputs, Provider, provides


@provides("aws:cloudwatch/metricAlarm:MetricAlarm")
class MetricAlarm(Provider):
    """An alarm. The emulator evaluates alarms when metric data arrives, and ignores dimensions."""

    name = "name"
    replace_on = frozenset({"name"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        name = inputs["name"]
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
            Dimensions=[{"Name": key, "Value": value} for key, value in (inputs.get("dimensions") or {}).items()],
            ComparisonOperator=inputs["comparisonOperator"],
            Threshold=inputs["threshold"],
            Period=inputs["period"],
            EvaluationPeriods=inputs["evaluationPeriods"],
            **optional,
        )
        return Created(name, {"arn": aws.arn("cloudwatch", f"alarm:{name}")})

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("cloudwatch").delete_alarms(AlarmNames=[existing.id])


@provides("aws:cloudwatch/dashboard:Dashboard")
class Dashboard(Provider):
    """A dashboard from its JSON body."""

    name = "dashboardName"
    replace_on = frozenset({"dashboardName"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        name = inputs["dashboardName"]
        aws.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=inputs["dashboardBody"])
        return Created(name, {"dashboardArn": aws.arn("cloudwatch", f"dashboard/{name}", region="")})

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("cloudwatch").delete_dashboards(DashboardNames=[existing.id])
