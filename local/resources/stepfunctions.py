"""Step Functions state machines."""

from ops.emulator_client import Aws

from .registry import Created, Planned, creates


@creates("aws:sfn/stateMachine:StateMachine")
def state_machine(aws: Aws, planned: Planned) -> Created:
    """Create a state machine with its logging configuration."""
    inputs, name = planned.inputs, planned.physical_name()
    logging = inputs.get("loggingConfiguration") or {}
    destination = {"cloudWatchLogsLogGroup": {"logGroupArn": logging.get("logDestination")}}
    arn = aws.client("stepfunctions").create_state_machine(
        name=name,
        definition=inputs["definition"],
        roleArn=inputs["roleArn"],
        loggingConfiguration={
            "level": logging.get("level", "OFF"),
            "includeExecutionData": logging.get("includeExecutionData", False),
            "destinations": [destination] if logging.get("logDestination") else [],
        },
        **inputs.only(type="type", tracingConfiguration="tracingConfiguration"),
    )["stateMachineArn"]
    return Created(arn, {"name": name, "arn": arn})
