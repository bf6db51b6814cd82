"""CloudWatch Logs log groups."""

from ops.emulator_client import Aws

from .registry import SKIPPED, Created, Planned, creates

SKIPPED["aws:cloudwatch/queryDefinition:QueryDefinition"] = "the emulator has no saved queries"


@creates("aws:cloudwatch/logGroup:LogGroup")
def log_group(aws: Aws, planned: Planned) -> Created:
    """Create a log group with its retention."""
    name = planned.physical_name()
    # Ignored: nothing outlives a local run.
    planned.inputs.get("skipDestroy")
    client = aws.client("logs")
    client.create_log_group(logGroupName=name)
    if days := planned.inputs.get("retentionInDays"):
        client.put_retention_policy(logGroupName=name, retentionInDays=days)
    return Created(name, {"name": name, "arn": aws.arn("logs", f"log-group:{name}")})
