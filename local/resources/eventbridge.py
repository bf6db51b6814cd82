"""EventBridge buses, rules, targets and archives, and schedules."""

from typing import Any

from ..emulator_client import Aws
from ..errors import UserError
from .described import converted, described
from .provider import Created, Existing, Inputs, Provider, provides

described(
    "aws:cloudwatch/eventBus:EventBus",
    *("events", "create_event_bus", "delete_event_bus"),
    id="{name}",
    key={"Name": "{name}"},
    outputs={"arn": "{EventBusArn}"},
    name="name",
)
described(
    "aws:cloudwatch/eventRule:EventRule",
    *("events", "put_rule", "delete_rule"),
    id="{name}",
    key={"Name": "{name}", "EventBusName": "{eventBusName}"},
    update="put_rule",
    outputs={"arn": "{RuleArn}"},
    name="name",
    replace_on={"name", "eventBusName"},
)
described(
    "aws:cloudwatch/eventArchive:EventArchive",
    *("events", "create_archive", "delete_archive"),
    id="{name}",
    key={"ArchiveName": "{name}"},
    update="update_archive",
    outputs={"arn": "{ArchiveArn}"},
    renamed={"name": "ArchiveName"},
    name="name",
    replace_on={"name", "eventSourceArn"},
)
described(
    "aws:scheduler/scheduleGroup:ScheduleGroup",
    *("scheduler", "create_schedule_group", "delete_schedule_group"),
    id="{name}",
    key={"Name": "{name}"},
    outputs={"arn": "{ScheduleGroupArn}"},
    name="name",
)
described(
    "aws:scheduler/schedule:Schedule",
    *("scheduler", "create_schedule", "delete_schedule"),
    id="{name}",
    key={"Name": "{name}", "GroupName": "{groupName}"},
    update="update_schedule",
    outputs={"arn": "{ScheduleArn}"},
    name="name",
    replace_on={"name", "groupName"},
)


RENAMED = {
    "target.inputTransformer.inputPaths": "InputPathsMap",
    "target.sqsTarget": "SqsParameters",
    "target.ecsTarget": "EcsParameters",
    "target.httpTarget": "HttpParameters",
    "target.kinesisTarget": "KinesisParameters",
}
"""The API's names of settings of a target."""


@provides("aws:cloudwatch/eventTarget:EventTarget")
class EventTarget(Provider):
    """A target of a rule."""

    name = "targetId"
    replace_on = frozenset({"rule", "eventBusName", "targetId"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        events = aws.client("events")
        shape = events.meta.service_model.shape_for("Target")
        settings = {name: inputs[name] for name in inputs if name not in ("rule", "eventBusName", "targetId", "region")}
        target = {"Id": inputs["targetId"], **converted(settings, shape, "target", RENAMED)}
        answer = events.put_targets(Targets=[target], **_rule(inputs))
        if refused := answer.get("FailedEntries"):
            raise UserError(f"EventBridge refused the target: {refused[0].get('ErrorMessage')}")
        return Created(f"{inputs['rule']}-{inputs['targetId']}", {})

    def delete(self, aws: Aws, existing: Existing) -> None:
        inputs = Inputs(existing.inputs)
        aws.client("events").remove_targets(Ids=[inputs["targetId"]], **_rule(inputs))


def _rule(inputs: Inputs) -> dict[str, Any]:
    return {"Rule": inputs["rule"], **inputs.only(eventBusName="EventBusName")}
