"""Lambda functions, aliases, event source mappings and permissions."""

from collections.abc import Set
from typing import Any

from ..emulator_client import Aws
from ..errors import UserError
from .provider import SKIPPED, Created, Existing, Inputs, Provider, pascal, provides

SKIPPED["aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"] = (
    "the emulator has no provisioned concurrency"
)

POLL_SECONDS = 0.2
"""The interval between checks whether a function or a version is ready."""


@provides("aws:lambda/function:Function")
class Function(Provider):
    """A function from a code archive."""

    name = "name"
    replace_on = frozenset({"name"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        made = aws.client("lambda").create_function(
            FunctionName=inputs["name"],
            Code={"ZipFile": _code(inputs).read()},
            **_configuration(inputs),
            **inputs.only(architectures="Architectures", publish="Publish"),
        )
        arn = made["FunctionArn"]
        outputs = {
            "arn": arn,
            "version": made["Version"],
            "invokeArn": _invoke_arn(aws, arn),
            "qualifiedArn": f"{arn}:{made['Version']}",
            "codeSha256": made["CodeSha256"],
        }
        return Created(inputs["name"], outputs)

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        client, name = aws.client("lambda"), existing.id
        before, configuration = Inputs(existing.inputs), _configuration(inputs)
        if configuration != _configuration(before):
            # Settings that the program no longer sets return to Lambda's defaults.
            client.update_function_configuration(FunctionName=name, **{**DEFAULTS, **configuration})
            _wait(aws, "function_updated_v2", FunctionName=name)
        architecture = inputs.only(architectures="Architectures")
        if (inputs["code"], architecture) != (before.get("code"), before.only(architectures="Architectures")):
            client.update_function_code(FunctionName=name, ZipFile=inputs["code"].read(), **architecture)
            _wait(aws, "function_updated_v2", FunctionName=name)
        version = client.publish_version(FunctionName=name)["Version"] if inputs.get("publish") else "$LATEST"
        digest = client.get_function_configuration(FunctionName=name)["CodeSha256"]
        return {"version": version, "qualifiedArn": f"{existing.outputs['arn']}:{version}", "codeSha256": digest}

    def configure(self, aws: Aws, id: str, inputs: Inputs) -> None:
        client, reserved = aws.client("lambda"), inputs.get("reservedConcurrentExecutions")
        if reserved is not None and reserved >= 0:
            client.put_function_concurrency(FunctionName=id, ReservedConcurrentExecutions=reserved)
        elif "ReservedConcurrentExecutions" in client.get_function_concurrency(FunctionName=id):
            client.delete_function_concurrency(FunctionName=id)

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("lambda").delete_function(FunctionName=existing.id)

    def outputs_changed_by(self, inputs: Set[str]) -> Set[str]:
        # A version has code and configuration; the limit belongs to the function.
        changed = {"version", "qualifiedArn", "codeSha256"}
        return changed if inputs - {"reservedConcurrentExecutions"} else frozenset()


def _code(inputs: Inputs) -> Any:
    """The archive with the code. Raises `UserError` if the code is elsewhere."""
    if inputs.get("code") is None:
        raise UserError("the local run supports functions whose `code` is an archive, not buckets or images")
    return inputs["code"]


DEFAULTS: dict[str, Any] = {
    "Description": "",
    "Timeout": 3,
    "MemorySize": 128,
    "Layers": [],
    "Environment": {"Variables": {}},
    "TracingConfig": {"Mode": "PassThrough"},
    "SnapStart": {"ApplyOn": "None"},
    "DeadLetterConfig": {"TargetArn": ""},
    "EphemeralStorage": {"Size": 512},
}
"""Settings of a function that was created without them (Lambda API reference, CreateFunction)."""


def _configuration(inputs: Inputs) -> dict[str, Any]:
    configuration = inputs.only(
        role="Role",
        runtime="Runtime",
        handler="Handler",
        description="Description",
        timeout="Timeout",
        memorySize="MemorySize",
        layers="Layers",
    )
    if environment := inputs.get("environment"):
        configuration["Environment"] = {"Variables": environment["variables"]}
    for key in ("tracingConfig", "loggingConfig", "snapStart", "deadLetterConfig", "ephemeralStorage"):
        if value := inputs.get(key):
            configuration[key[:1].upper() + key[1:]] = pascal(value)
    return configuration


def _wait(aws: Aws, waiter: str, **parameters: str) -> None:
    aws.client("lambda").get_waiter(waiter).wait(**parameters, WaiterConfig={"Delay": POLL_SECONDS})


@provides("aws:lambda/alias:Alias")
class Alias(Provider):
    """An alias of a version. Waits until the version is active: a snapshot takes a while."""

    replace_on = frozenset({"name", "functionName"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        arn = _apply_alias(aws, "create_alias", inputs)
        return Created(arn, {"arn": arn, "invokeArn": _invoke_arn(aws, arn)})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        _apply_alias(aws, "update_alias", inputs)
        return {}

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("lambda").delete_alias(FunctionName=existing.inputs["functionName"], Name=existing.inputs["name"])


def _apply_alias(aws: Aws, operation: str, inputs: Inputs) -> str:
    function, version = inputs["functionName"], inputs["functionVersion"]
    _wait(aws, "published_version_active", FunctionName=function, Qualifier=version)
    alias = getattr(aws.client("lambda"), operation)(
        FunctionName=function,
        Name=inputs["name"],
        FunctionVersion=version,
        Description=inputs.get("description") or "",
    )
    return str(alias["AliasArn"])


@provides("aws:lambda/permission:Permission")
class Permission(Provider):
    """Allows a principal to invoke a function."""

    name = "statementId"
    immutable = True

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        statement = inputs["statementId"]
        aws.client("lambda").add_permission(
            FunctionName=inputs["function"],
            StatementId=statement,
            Action=inputs["action"],
            Principal=inputs["principal"],
            **inputs.only(sourceArn="SourceArn", qualifier="Qualifier", functionUrlAuthType="FunctionUrlAuthType"),
        )
        return Created(statement, {})

    def delete(self, aws: Aws, existing: Existing) -> None:
        inputs = Inputs(existing.inputs)
        aws.client("lambda").remove_permission(
            FunctionName=inputs["function"], StatementId=existing.id, **inputs.only(qualifier="Qualifier")
        )


def _invoke_arn(aws: Aws, arn: str) -> str:
    """The ARN with which API Gateway invokes a function or an alias."""
    return f"arn:aws:apigateway:{aws.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
