"""Step Functions state machines."""

from typing import Any

from ..emulator_client import Aws
from .provider import Created, Existing, Inputs, Provider, provides


@provides("aws:sfn/stateMachine:StateMachine")
class StateMachine(Provider):
    """A state machine with its logging configuration."""

    name = "name"
    replace_on = frozenset({"name", "type"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        arn = aws.client("stepfunctions").create_state_machine(
            name=inputs["name"], **_settings(inputs), **inputs.only(type="type")
        )["stateMachineArn"]
        return Created(arn, {"arn": arn})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        aws.client("stepfunctions").update_state_machine(stateMachineArn=existing.id, **_settings(inputs))
        return {}

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("stepfunctions").delete_state_machine(stateMachineArn=existing.id)


def _settings(inputs: Inputs) -> dict[str, Any]:
    logging = inputs.get("loggingConfiguration") or {}
    destination = {"cloudWatchLogsLogGroup": {"logGroupArn": logging.get("logDestination")}}
    return {
        "definition": inputs["definition"],
        "roleArn": inputs["roleArn"],
        "loggingConfiguration": {
            "level": logging.get("level", "OFF"),
            "includeExecutionData": logging.get("includeExecutionData", False),
            "destinations": [destination] if logging.get("logDestination") else [],
        },
        "tracingConfiguration": inputs.get("tracingConfiguration") or {"enabled": False},
    }
