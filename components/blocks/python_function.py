"""A Lambda function in Python with its own role, log group and permissions."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NotRequired, TypedDict, final

import pulumi
import pulumi_aws as aws

from ..packaging.function_code import function_code
from .iam import Grant, allow, document, trust
from .link import Link

RUNTIME = "python3.13"


class Architecture(StrEnum):
    """Architecture of functions (Lambda API reference, `Architectures`). `arm64` costs less for the same work."""

    ARM64 = "arm64"
    X86_64 = "x86_64"


TIMEOUT_SECONDS = 10
"""Default timeout of a function."""

MEMORY_MB = 512
"""Default memory of a function."""

OF_VERSIONS = ("snap_start", "provisioned_concurrency", "gradual_release")
"""Settings of published versions, which only synchronous functions have."""

ALIAS = "live"
"""Alias of the version that the API calls, if the function has versions."""


class FunctionPlatform(TypedDict):
    """Settings that all functions of a program share."""

    code: NotRequired[pulumi.Input[pulumi.Archive] | None]
    """An archive with every handler. Default: each function gets its own archive with its module and the files in the
    program's folder that the module imports."""

    bytecode: NotRequired[bool]
    """Whether the functions' own archives include bytecode, for a faster start; requires uv. Default: false."""

    layers: NotRequired[Sequence[pulumi.Input[str]]]
    """ARNs of the layers with third-party packages. Default: none; the archive or the interpreter provides them."""

    boundary_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the permissions boundary of every role. Default: none."""

    boundary_prefix: NotRequired[str]
    """What the names of functions must begin with, because the boundary allows nothing else. Default: anything."""

    architecture: NotRequired[Architecture]
    """Architecture of the functions; the layers must match it. Default: `arm64`."""

    log_retention_days: int
    """Log retention in days. CloudWatch accepts 1, 3, 5, 7, 14, 30, 60, 90, ..."""

    keep_logs: NotRequired[bool]
    """Whether to keep logs, for that long, after their function is destroyed. Default: false."""

    metrics_namespace: str
    """CloudWatch namespace of the metrics that functions write to their logs."""

    snap_start: NotRequired[bool]
    """Whether synchronous functions start from a snapshot (SnapStart). Default: false."""

    provisioned_concurrency: NotRequired[int]
    """Provisioned concurrency of each synchronous function; cannot be combined with SnapStart. Default: 0."""

    reserved_concurrency: NotRequired[int]
    """Reserved concurrency of each function, both its limit and its guaranteed share (Lambda developer guide,
    "Configuring reserved concurrency"). Default: 0, which uses the account's unreserved concurrency."""

    gradual_release: NotRequired[str]
    """How CodeDeploy, instead of the program, shifts traffic to new versions of synchronous functions: see
    `GradualRelease`. Default: `""`, without CodeDeploy."""


class PythonFunctionArgs(TypedDict):
    """Inputs of `PythonFunction`."""

    platform: FunctionPlatform
    """Settings that the program's functions share."""

    module: str
    """Module in the archive whose `handler` is called, e.g. `lambdas.get_order`."""

    description: str
    """Description of the function, shown in the console."""

    function_name: NotRequired[pulumi.Input[str]]
    """Name of the function in AWS, for resources that must refer to it before it exists. Default: generated."""

    environment: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Environment variables of the function. Default: none."""

    grants: NotRequired[Sequence[Grant]]
    """Permissions of the function besides writing its log. Default: none."""

    synchronous: NotRequired[bool]
    """Whether a caller waits for the response, as API Gateway does: such functions support provisioned concurrency.
    Default: false."""

    timeout_seconds: NotRequired[int]
    """Timeout of a call in seconds. Default: 10."""

    memory_mb: NotRequired[int]
    """Memory in MB, which also sets the CPU share: 1,769 MB is one vCPU. Default: 512."""

    runtime: NotRequired[str]
    """Lambda's runtime, e.g. `python3.12`. Layers and bytecode are made for the default. Default: `python3.13`."""

    links: NotRequired[Sequence[Link]]
    """What the function uses: each adds environment variables and permissions, e.g. `queue.link()`. Default: none."""


@final
class FunctionAddress(TypedDict):
    """How API Gateway calls a function."""

    name: pulumi.Input[str]
    """Name of the function."""

    invoke_arn: pulumi.Input[str]
    """ARN that API Gateway calls the function by: the alias's, if it has one."""

    qualifier: NotRequired[pulumi.Input[str]]
    """Name of the alias. Default: none; the latest code is called."""


class PythonFunction(pulumi.ComponentResource):
    """A function, its role, and its log group, which exists before the function can create one without retention."""

    name: pulumi.Output[str]
    """Name of the function."""

    arn: pulumi.Output[str]
    """ARN of the function."""

    invoke_arn: pulumi.Output[str]
    """ARN that API Gateway calls the function by: the alias's, if it has one."""

    qualifier: pulumi.Output[str] | None
    """Name of the alias, which a permission to call it must specify."""

    log_group_name: pulumi.Output[str]
    """Name of the function's log group, which nothing else writes to."""

    def __init__(self, name: str, args: PythonFunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:PythonFunction", name, None, opts)
        check(name, args)
        child = pulumi.ResourceOptions(parent=self)
        platform, links = args["platform"], args.get("links", [])
        snap_start, provisioned = platform.get("snap_start", False), platform.get("provisioned_concurrency", 0)
        gradual = bool(platform.get("gradual_release"))
        service = args["module"].rpartition(".")[2]
        # All three apply to published versions, never to `$LATEST`.
        published = args.get("synchronous", False) and (snap_start or provisioned > 0 or gradual)

        group = log_group(f"{name}-log", platform, child)
        role = aws.iam.Role(
            f"{name}-role",
            description=args["description"],
            assume_role_policy=trust("lambda.amazonaws.com", self),
            permissions_boundary=platform.get("boundary_arn"),
            opts=child,
        )
        logging: Grant = {
            "actions": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "resources": [pulumi.Output.concat(group.arn, ":*")],
        }
        tracing: Grant = {
            "actions": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
            # X-Ray has no ARNs that a policy could name (service authorization reference).
            "resources": ["*"],
        }
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            role=role.id,
            policy=document(*map(allow, [logging, tracing, *args.get("grants", []), *_grants(links)])),
            opts=child,
        )
        function = aws.lambda_.Function(
            name,
            name=args.get("function_name"),
            description=args["description"],
            runtime=args.get("runtime", RUNTIME),
            architectures=[platform.get("architecture", Architecture.ARM64)],
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
                    **{name: value for link in links for name, value in link["environment"].items()},
                    **args.get("environment", {}),
                }
            },
            logging_config={"log_format": "Text", "log_group": group.name},
            tracing_config={"mode": "Active"},
            # Lambda never runs a function with 0.
            reserved_concurrent_executions=platform.get("reserved_concurrency") or None,
            publish=True if published else None,
            snap_start={"apply_on": "PublishedVersions"} if published and snap_start else None,
            # Without the policy, a call is denied and an event source mapping cannot be created.
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[policy], delete_before_replace=True if "function_name" in args else None
            ),
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
        """How API Gateway calls this function."""
        address: FunctionAddress = {"name": self.name, "invoke_arn": self.invoke_arn}
        if self.qualifier:
            address["qualifier"] = self.qualifier
        return address

    def _alias(self, name: str, function: aws.lambda_.Function, provisioned: int, gradual: bool) -> aws.lambda_.Alias:
        """The alias of the newest version. Every change to the function publishes a version and moves the alias to it.
        With `gradual`, CodeDeploy moves it once it is created."""
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


def _grants(links: Sequence[Link]) -> list[Grant]:
    return [grant for link in links for grant in link["grants"]]


def check(name: str, args: PythonFunctionArgs) -> None:
    """Raise `ValueError` for inputs that exclude each other or would have no effect."""
    platform = args["platform"]
    prefix = platform.get("boundary_prefix", "")
    if not name.startswith(prefix):
        raise ValueError(f"{name}: the permissions boundary allows only names that begin with {prefix!r}; rename it")
    ignored = [key for key in OF_VERSIONS if platform.get(key)] if "synchronous" not in args else []
    if ignored:
        raise ValueError(f"{name}: {ignored[0]} applies to synchronous functions only; say whether it is `synchronous`")
    if platform.get("snap_start") and platform.get("provisioned_concurrency"):
        raise ValueError(f"{name}: snap_start and provisioned_concurrency exclude each other (Lambda developer guide)")
    variables = [variable for link in args.get("links", []) for variable in link["environment"]]
    variables += args.get("environment", {}) if variables else []
    if twice := [variable for variable in variables if variables.count(variable) > 1]:
        raise ValueError(f"{name}: the environment variable {twice[0]} is set twice, at least once by a link")
    architecture = str(platform.get("architecture", Architecture.ARM64))
    if architecture not in list(Architecture):
        raise ValueError(f"{name}: architecture is {architecture!r}; allowed: {', '.join(Architecture)}")
    if args.get("runtime", RUNTIME) != RUNTIME and platform.get("bytecode"):
        raise ValueError(f"{name}: bytecode is made for {RUNTIME}; leave out runtime or bytecode")


def log_group(
    name: str, platform: FunctionPlatform, opts: pulumi.ResourceOptions, *, folder: str | None = None
) -> aws.cloudwatch.LogGroup:
    """A log group with the platform's retention, which outlives the stack if the platform has `keep_logs`.

    `folder` is the first part of its name in AWS, such as `/aws/vendedlogs/states/`. Default: none.
    """
    return aws.cloudwatch.LogGroup(
        name,
        name_prefix=f"{folder}{name}-" if folder else None,
        retention_in_days=platform["log_retention_days"],
        skip_destroy=True if platform.get("keep_logs") else None,
        opts=opts,
    )
