"""CloudWatch Logs log groups."""

from typing import Any

from ..emulator_client import Aws
from .described import described
from .provider import SKIPPED, Created, Existing, Inputs, Provider, provides

SKIPPED["aws:cloudwatch/queryDefinition:QueryDefinition"] = "the emulator has no saved queries"


@provides("aws:cloudwatch/logGroup:LogGroup")
class LogGroup(Provider):
    """A log group with its retention."""

    name = "name"
    replace_on = frozenset({"name", "namePrefix"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        name = inputs["name"]
        inputs.get("namePrefix")  # part of the name
        aws.client("logs").create_log_group(logGroupName=name)
        return Created(name, {"arn": aws.arn("logs", f"log-group:{name}")})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        if not inputs.get("retentionInDays"):
            aws.client("logs").delete_retention_policy(logGroupName=existing.id)
        return {}

    def configure(self, aws: Aws, id: str, inputs: Inputs) -> None:
        inputs.get("skipDestroy")  # concerns only deletion
        if days := inputs.get("retentionInDays"):
            aws.client("logs").put_retention_policy(logGroupName=id, retentionInDays=days)

    def delete(self, aws: Aws, existing: Existing) -> None:
        if not existing.inputs.get("skipDestroy"):
            aws.client("logs").delete_log_group(logGroupName=existing.id)


described(
    "aws:cloudwatch/logMetricFilter:LogMetricFilter",
    *("logs", "put_metric_filter", "delete_metric_filter"),
    id="{name}",
    key={"filterName": "{name}", "logGroupName": "{logGroupName}"},
    update="put_metric_filter",
    renamed={
        "name": "filterName",
        "pattern": "filterPattern",
        "metricTransformation": "metricTransformations",
        "metricTransformation.name": "metricName",
        "metricTransformation.namespace": "metricNamespace",
        "metricTransformation.value": "metricValue",
    },
    name="name",
    replace_on={"name", "logGroupName"},
)
described(
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
    *("logs", "put_subscription_filter", "delete_subscription_filter"),
    id="{name}",
    key={"filterName": "{name}", "logGroupName": "{logGroup}"},
    update="put_subscription_filter",
    renamed={"name": "filterName", "logGroup": "logGroupName"},
    name="name",
    replace_on={"name", "logGroup"},
)
