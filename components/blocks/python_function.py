"""A Lambda function in Python with a role, a log group and permissions of its own."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict, final

import pulumi
import pulumi_aws as aws

from ..packaging.function_code import function_code
from .iam import Grant, allow, document, trust

RUNTIME = "python3.13"

ARCHITECTURES = ("arm64", "x86_64")
"""What functions can run on (Lambda API reference, `Architectures`). The first costs less for the same work."""

TIMEOUT_SECONDS = 10
"""When a call is given up, unless the function says otherwise."""

MEMORY_MB = 512
"""A function's memory, unless it says otherwise."""

ALIAS = "live"
"""What the version of a function is called that the API calls, where functions have versions."""


class FunctionPlatform(TypedDict):
    """What all functions of a program have in common."""

    code: NotRequired[pulumi.Input[pulumi.Archive] | None]
    """An archive with every handler in it. Default: each function gets an archive of its own, with its module and what
    that imports from the program's folder."""

    bytecode: NotRequired[bool]
    """Whether the functions' own archives have compiled sources, for a faster start; that needs uv. Default: no."""

    layers: NotRequired[Sequence[pulumi.Input[str]]]
    """ARNs of the layers with third-party packages. Default: none, the archive has them or the interpreter."""

    boundary_arn: NotRequired[pulumi.Input[str] | None]
    """The permissions boundary of every role. Default: none."""

    architecture: NotRequired[str]
    """What functions run on, one of `ARCHITECTURES`; the layers have to be made for it. Default: `arm64`."""

    log_retention_days: int
    """How long logs are kept. CloudWatch allows 1, 3, 5, 7, 14, 30, 60, 90, ... days."""

    keep_logs: NotRequired[bool]
    """Whether logs stay, for that long, when what wrote them is destroyed. Default: no."""

    metrics_namespace: str
    """The CloudWatch namespace of the metrics that functions write into their logs."""

    snap_start: NotRequired[bool]
    """Whether synchronous functions start from a snapshot. Default: no."""

    provisioned_concurrency: NotRequired[int]
    """How many environments of each of them are kept started; not together with snapshots. Default: 0."""

    reserved_concurrency: NotRequired[int]
    """How many calls of each function may run at once: no more, and so many whatever the others do (Lambda developer
    guide, "Configuring reserved concurrency"). Default: 0, which is what the account has left."""

    gradual_release: NotRequired[str]
    """How CodeDeploy, and not the program, moves calls to new versions of synchronous functions: see `GradualRelease`.
    Default: `""`, it does not."""


class PythonFunctionArgs(TypedDict):
    """Inputs of `PythonFunction`."""

    platform: FunctionPlatform
    """What it has in common with the program's other functions."""

    module: str
    """The module in the archive whose `handler` is called, e.g. `lambdas.get_order`."""

    description: str
    """What the function is for, as the console shows it."""

    environment: NotRequired[Mapping[str, pulumi.Input[str]]]
    """The function's environment variables. Default: none."""

    grants: NotRequired[Sequence[Grant]]
    """What the function may do besides writing its log. Default: nothing."""

    synchronous: NotRequired[bool]
    """Whether a caller waits for its response, as API Gateway does: such functions can be kept started. Default: no."""

    timeout_seconds: NotRequired[int]
    """When a call is given up. Default: 10."""

    memory_mb: NotRequired[int]
    """Memory, and with it the share of a processor: 1,769 MB is one whole. Default: 512."""


class FunctionArgs(TypedDict):
    """The inputs of `PythonFunction` that one function does not share with others: a row for `make_functions`."""

    description: str
    environment: NotRequired[Mapping[str, pulumi.Input[str]]]
    grants: NotRequired[Sequence[Grant]]
    synchronous: NotRequired[bool]
    timeout_seconds: NotRequired[int]
    memory_mb: NotRequired[int]


@final
class FunctionAddress(TypedDict):
    """How API Gateway calls a function."""

    name: pulumi.Input[str]
    """The function's name."""

    invoke_arn: pulumi.Input[str]
    """The ARN by which API Gateway calls the function: that of its alias, if it has one."""

    qualifier: NotRequired[pulumi.Input[str]]
    """The alias. Default: none, the newest code is called."""


class PythonFunction(pulumi.ComponentResource):
    """A function, its role, and a log group that is there before the function can make one without retention."""

    name: pulumi.Output[str]
    """The function's name."""

    arn: pulumi.Output[str]
    """The function's ARN."""

    invoke_arn: pulumi.Output[str]
    """The ARN by which API Gateway calls the function: that of its alias, if it has one."""

    qualifier: pulumi.Output[str] | None
    """The alias, which a permission to call it has to name."""

    log_group_name: pulumi.Output[str]
    """The log group that the function, and nothing else, writes to."""

    def __init__(self, name: str, args: PythonFunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:PythonFunction", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        platform = args["platform"]
        snap_start, provisioned = platform.get("snap_start", False), platform.get("provisioned_concurrency", 0)
        gradual = bool(platform.get("gradual_release"))
        service = args["module"].rpartition(".")[2]
        # All three are about published versions, never about `$LATEST`.
        published = args.get("synchronous", False) and (snap_start or provisioned > 0 or gradual)

        group = log_group(f"{name}-log", platform, child)
        role = aws.iam.Role(
            f"{name}-role",
            description=args["description"],
            assume_role_policy=trust("lambda.amazonaws.com"),
            permissions_boundary=platform.get("boundary_arn"),
            opts=child,
        )
        logging: Grant = {
            "actions": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "resources": [pulumi.Output.concat(group.arn, ":*")],
        }
        tracing: Grant = {
            "actions": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
            # X-Ray has no resources that a policy could name (service authorization reference).
            "resources": ["*"],
        }
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            role=role.id,
            policy=document(*map(allow, [logging, tracing, *args.get("grants", [])])),
            opts=child,
        )
        function = aws.lambda_.Function(
            name,
            description=args["description"],
            runtime=RUNTIME,
            architectures=[platform.get("architecture", ARCHITECTURES[0])],
            handler=f"{args['module']}.handler",
            code=platform.get("code") or function_code(args["module"], bytecode=platform.get("bytecode", False)),
            layers=list(platform.get("layers", [])),
            role=role.arn,
            timeout=args.get("timeout_seconds", TIMEOUT_SECONDS),
            memory_size=args.get("memory_mb", MEMORY_MB),
            environment={
                "variables": {
                    "POWERTOOLS_SERVICE_NAME": service,
                    "POWERTOOLS_LOG_LEVEL": "INFO",
                    "POWERTOOLS_METRICS_NAMESPACE": platform["metrics_namespace"],
                    **args.get("environment", {}),
                }
            },
            logging_config={"log_format": "Text", "log_group": group.name},
            tracing_config={"mode": "Active"},
            # To Lambda, 0 is a function that never runs.
            reserved_concurrent_executions=platform.get("reserved_concurrency") or None,
            publish=True if published else None,
            snap_start={"apply_on": "PublishedVersions"} if published and snap_start else None,
            # A call before the policy is there would be denied, and an event source refuses to be made.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        alias = self._alias(name, function, provisioned, gradual) if published else None
        self.name = function.name
        self.arn = function.arn
        self.invoke_arn = alias.invoke_arn if alias else function.invoke_arn
        self.qualifier = alias.name if alias else None
        self.log_group_name = group.name
        self.register_outputs({"name": self.name, "arn": self.arn, "invoke_arn": self.invoke_arn})

    @property
    def address(self) -> FunctionAddress:
        """How API Gateway calls it."""
        address: FunctionAddress = {"name": self.name, "invoke_arn": self.invoke_arn}
        if self.qualifier:
            address["qualifier"] = self.qualifier
        return address

    def _alias(self, name: str, function: aws.lambda_.Function, provisioned: int, gradual: bool) -> aws.lambda_.Alias:
        """The name of the newest version: whatever changes the function publishes one, and moves it there. With
        `gradual` it is only made there, and then CodeDeploy's to move."""
        child = pulumi.ResourceOptions(parent=self)
        moved = ["function_version", "routing_config"] if gradual else None
        alias = aws.lambda_.Alias(
            f"{name}-{ALIAS}",
            name=ALIAS,
            description="The version that the API calls",
            function_name=function.name,
            function_version=function.version,
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=moved),
        )
        if provisioned:
            aws.lambda_.ProvisionedConcurrencyConfig(
                f"{name}-provisioned",
                function_name=function.name,
                qualifier=alias.name,
                provisioned_concurrent_executions=provisioned,
                opts=child,
            )
        return alias


def make_functions(
    name: str, platform: FunctionPlatform, functions: Mapping[str, FunctionArgs], opts: pulumi.ResourceOptions
) -> dict[str, PythonFunction]:
    """A function for each module in `lambdas/`, by its name there. `get_order` becomes `{name}-get-order`."""
    return {
        module: PythonFunction(
            f"{name}-{module.replace('_', '-')}", {**args, "platform": platform, "module": f"lambdas.{module}"}, opts
        )
        for module, args in functions.items()
    }


def lambda_outputs(functions: Mapping[str, PythonFunction]) -> dict[str, pulumi.Output[str]]:
    """The functions' names as stack outputs: `get_order` is `getOrderLambda`."""
    return {f"{_camel(module)}Lambda": function.name for module, function in functions.items()}


def _camel(module: str) -> str:
    first, *others = module.split("_")
    return "".join([first, *(word.capitalize() for word in others)])


def log_group(name: str, platform: FunctionPlatform, opts: pulumi.ResourceOptions) -> aws.cloudwatch.LogGroup:
    """A log group that forgets as the platform says, and outlives its stack if the platform says so."""
    return aws.cloudwatch.LogGroup(
        name,
        retention_in_days=platform["log_retention_days"],
        skip_destroy=True if platform.get("keep_logs") else None,
        opts=opts,
    )
