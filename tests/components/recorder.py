"""Runs a Pulumi program without an engine and records what it registers.

Tests check the recording after the program has run, because an assertion inside `apply` may never run.
"""

import hashlib
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pulumi
import pulumi_aws as aws
from google.protobuf import empty_pb2
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto.resource_pb2 import RegisterResourceResponse, ResourceInvokeResponse

from components.blocks.account import Account
from local import program
from local.project import Project, load_project

with warnings.catch_warnings():
    # The SDK loads modules on first use; loading this one warns about its own deprecated members.
    warnings.simplefilter("ignore", DeprecationWarning)
    hasattr(aws.lambda_, "Function")

ROOT = Path(__file__).parents[2]
ACCOUNT = "123456789012"
REGION = "us-east-1"
ELSEWHERE = "elsewhere"
"""A provider of another account and region, in another partition."""
PROVIDERS = {
    "": ("aws", "amazonaws.com", REGION, ACCOUNT),
    ELSEWHERE: ("aws-cn", "amazonaws.com.cn", "cn-north-1", "210987654321"),
}
STACK_TYPE = "pulumi:pulumi:Stack"

OUTPUTS: dict[str, dict[str, Any]] = {
    "aws:acm/certificate:Certificate": {
        "arn": f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/{{digest}}",
        "domainValidationOptions": [
            {
                "resourceRecordName": "_{digest}.example.com.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": "_{digest}.acm-validations.aws.",
            }
        ],
    },
    "aws:apigateway/domainName:DomainName": {
        "regionalDomainName": f"d-{{digest}}.execute-api.{REGION}.amazonaws.com",
        "regionalZoneId": "Z{digest}",
    },
    "aws:apigateway/restApi:RestApi": {
        "id": "{digest}",
        "executionArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{{digest}}",
    },
    "aws:apigateway/deployment:Deployment": {"id": "{digest}"},
    "aws:apigateway/stage:Stage": {"arn": f"arn:aws:apigateway:{REGION}::/restapis/{{name}}/stages/{{digest}}"},
    "aws:appsync/api:Api": {
        "apiId": "{digest}",
        "apiArn": f"arn:aws:appsync:{REGION}:{ACCOUNT}:apis/{{digest}}",
        "dns": {
            "HTTP": f"{{digest}}.appsync-api.{REGION}.amazonaws.com",
            "REALTIME": f"{{digest}}.appsync-realtime-api.{REGION}.amazonaws.com",
        },
    },
    "aws:appsync/channelNamespace:ChannelNamespace": {
        "channelNamespaceArn": f"arn:aws:appsync:{REGION}:{ACCOUNT}:apis/{{digest}}/channelNamespace/{{name}}",
    },
    "aws:cloudfront/distribution:Distribution": {
        "id": "E{digest}",
        "arn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E{{digest}}",
        "domainName": "d{digest}.cloudfront.net",
        "hostedZoneId": "Z2FDTNDATAQYW2",
    },
    "aws:cloudwatch/logGroup:LogGroup": {"arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{name}}"},
    "aws:cloudwatch/metricAlarm:MetricAlarm": {"arn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{{name}}"},
    "aws:cognito/userPool:UserPool": {
        "id": f"{REGION}_{{digest}}",
        "arn": f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{REGION}_{{digest}}",
        "endpoint": f"cognito-idp.{REGION}.amazonaws.com/{REGION}_{{digest}}",
    },
    "aws:cognito/userPoolClient:UserPoolClient": {"id": "{digest}"},
    "aws:dynamodb/table:Table": {
        "arn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{name}}",
        "streamArn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{name}}/stream/2025-01-01T00:00:00.000",
    },
    "aws:iam/policy:Policy": {"arn": f"arn:aws:iam::{ACCOUNT}:policy/{{name}}"},
    "aws:iam/role:Role": {"arn": f"arn:aws:iam::{ACCOUNT}:role/{{name}}"},
    "aws:apigateway/apiKey:ApiKey": {"value": "{digest}{digest}"},
    "aws:kms/key:Key": {"id": "{digest}", "keyId": "{digest}", "arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{{digest}}"},
    "aws:lambda/alias:Alias": {
        "arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{digest}}:{{name}}",
        "invokeArn": f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/"
        f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{digest}}:{{name}}/invocations",
    },
    "aws:lambda/function:Function": {
        "arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{name}}",
        "version": "version-{digest}",
        "invokeArn": f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/"
        f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{name}}/invocations",
    },
    "aws:lambda/layerVersion:LayerVersion": {"arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:{{name}}:1"},
    "aws:route53/record:Record": {"fqdn": "{name}"},
    "aws:s3/bucket:Bucket": {
        "arn": "arn:aws:s3:::{name}",
        "bucket": "{name}",
        "bucketRegionalDomainName": f"{{name}}.s3.{REGION}.amazonaws.com",
    },
    "aws:sfn/stateMachine:StateMachine": {"arn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{{name}}"},
    "aws:sqs/queue:Queue": {"url": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{{name}}"},
}
"""Outputs that only the provider knows, by type. Other types have an ARN of the common form and their name as ID."""


@dataclass(frozen=True)
class Recorded:
    """A resource as the program registered it. `inputs` have the names of Pulumi's schema."""

    urn: str
    parent: str
    type: str
    name: str
    custom: bool
    protect: bool
    retained: bool
    """Whether `retainOnDelete` keeps it when the stack is destroyed."""
    ignored: tuple[str, ...]
    """The inputs in `ignoreChanges`, with the names of Pulumi's schema."""
    dependencies: tuple[str, ...]
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    """The inputs and what the provider adds; empty in a preview."""

    input_dependencies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The URNs of the resources whose outputs an input contains, by the input's name."""

    aliases: tuple[str, ...] = ()
    """The URNs that it had before."""

    def __getitem__(self, name: str) -> Any:
        return self.inputs[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.inputs.get(name, default)

    @property
    def arn(self) -> str:
        return str(self.outputs["arn"])

    @property
    def id(self) -> str:
        return str(self.outputs["id"])

    def __str__(self) -> str:
        return f"{self.type} {self.name}"


@dataclass
class Recording:
    """The resources that a program registered, and the outputs of its components and (after an update) its stack."""

    project: Project
    resources: list[Recorded] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    component_outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By URN."""
    calls: list[tuple[str, str]] = field(default_factory=list)
    """The calls of the provider's functions: the function, and the name of the provider, empty for the default one."""

    @property
    def custom(self) -> list[Recorded]:
        return [resource for resource in self.resources if resource.custom]

    @property
    def components(self) -> list[Recorded]:
        return [resource for resource in self.resources if not resource.custom and resource.type != STACK_TYPE]

    def of(self, kind: Any) -> list[Recorded]:
        """The resources of an SDK class. There must be at least one: a loop over none would test nothing."""
        found = [resource for resource in self.resources if resource.type == kind.pulumi_type]
        assert found, f"the program makes no {kind.pulumi_type}"
        return found

    def one(self, kind: Any, suffix: str = "") -> Recorded:
        """The only resource of a class whose name ends with the suffix."""
        (found,) = [resource for resource in self.of(kind) if resource.name.endswith(suffix)]
        return found

    def by(self, kind: Any, output: str) -> dict[str, Recorded]:
        """The resources of a class by the value of an output."""
        return {resource.outputs[output]: resource for resource in self.of(kind)}

    def dependencies_of(self, resource: Recorded) -> Iterator[Recorded]:
        """Every direct and indirect dependency of a resource."""
        by_urn = {each.urn: each for each in self.resources}
        seen: set[str] = set()
        waiting = list(resource.dependencies)
        while waiting:
            urn = waiting.pop()
            if urn not in seen:
                seen.add(urn)
                waiting += by_urn[urn].dependencies
                yield by_urn[urn]


def fixed_account(**values: pulumi.Input[str]) -> Account:
    """The default provider's account, with other values, without asking the provider."""
    known = dict(zip(("partition", "dns_suffix", "region", "id"), PROVIDERS[""], strict=True))
    account = Account()
    account.__dict__.update({name: pulumi.Output.from_input(value) for name, value in {**known, **values}.items()})
    return account


class _Functions(Mocks):
    """The functions of the AWS provider that the program calls."""

    def call(self, args: MockCallArgs) -> Any:
        partition, suffix, region, account = PROVIDERS[args.provider or ""]
        return {
            "aws:index/getPartition:getPartition": {"id": partition, "partition": partition, "dnsSuffix": suffix},
            "aws:index/getRegion:getRegion": {"id": region, "region": region},
            "aws:index/getCallerIdentity:getCallerIdentity": {"id": account, "accountId": account},
        }[args.token]

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        raise AssertionError(f"the recorder answers for {args.typ} itself")


class Recorder(MockMonitor):
    """Records registrations. In an update, it returns the outputs that AWS would generate."""

    def __init__(self, project: Project, *, preview: bool) -> None:
        super().__init__(_Functions())
        self.recording = Recording(project)
        self._preview = preview
        self._lock = threading.Lock()

    def Invoke(self, request: Any) -> ResourceInvokeResponse:  # noqa: N802  named by the SDK
        # The SDK's method leaves an open event loop in each thread that calls it.
        result = Struct()
        # A reference to a provider is its URN and its ID.
        provider = request.provider.split("::")[-2] if request.provider else ""
        with self._lock:
            self.recording.calls.append((request.tok, provider))
        arguments = rpc.deserialize_properties(request.args)
        result.update(self.mocks.call(MockCallArgs(request.tok, arguments, provider)))
        return ResourceInvokeResponse(**{"return": result})

    def RegisterResource(self, request: Any) -> RegisterResourceResponse:  # noqa: N802  named by the SDK
        urn = self.make_urn(request.parent, request.type, request.name)
        inputs = rpc.deserialize_properties(request.object)
        outputs = {} if self._preview or not request.custom else provider_outputs(request.type, request.name, inputs)
        recorded = Recorded(
            urn=urn,
            parent=request.parent,
            type=request.type,
            name=request.name,
            custom=request.custom,
            protect=request.protect,
            retained=request.retainOnDelete,
            ignored=tuple(request.ignoreChanges),
            dependencies=tuple(request.dependencies),
            inputs=inputs,
            outputs=outputs and {**outputs, **inputs},
            aliases=tuple(_alias(self, alias, request) for alias in request.aliases),
            input_dependencies={name: tuple(each.urns) for name, each in request.propertyDependencies.items()},
        )
        with self._lock:
            assert all(urn != other.urn for other in self.recording.resources), f"two resources have the URN {urn}"
            self.recording.resources.append(recorded)
        state = Struct()
        state.update(outputs)
        state.MergeFrom(request.object)
        return RegisterResourceResponse(urn=urn, id=outputs.get("id"), object=state)

    def RegisterResourceOutputs(self, request: Any) -> empty_pb2.Empty:  # noqa: N802  named by the SDK
        self.recording.component_outputs[request.urn] = rpc.deserialize_properties(request.outputs)
        return empty_pb2.Empty()


def _alias(monitor: MockMonitor, alias: Any, request: Any) -> str:
    """The URN that a resource had before: what its alias does not say is as it is now."""
    if alias.urn:
        return str(alias.urn)
    spec = alias.spec
    return monitor.make_urn(
        "" if spec.noParent else spec.parentUrn or request.parent, spec.type or request.type, spec.name or request.name
    )


def provider_outputs(type: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Plausible, deterministic outputs of a provider."""
    digest = hashlib.sha256(f"{type} {name}".encode()).hexdigest()[:10]
    physical = inputs.get("name") or inputs.get("layerName") or f"{name}-{digest[:7]}"
    service = type.split(":")[1].partition("/")[0]
    common = {"arn": f"arn:aws:{service}:{REGION}:{ACCOUNT}:{physical}", "id": physical, "name": physical}
    return common | {
        key: _filled(template, name=physical, digest=digest) for key, template in OUTPUTS.get(type, {}).items()
    }


def _filled(template: Any, **values: str) -> Any:
    """A template with the values formatted into all its strings."""
    match template:
        case list():
            return [_filled(item, **values) for item in template]
        case dict():
            return {key: _filled(item, **values) for key, item in template.items()}
    return template.format(**values)


def record_project(project: Project, *, preview: bool = False) -> Recording:
    """Run a project's program. It leaves no state behind: `local.program` gives it its own context and event loop."""
    monitor = Recorder(project, preview=preview)
    if preview:
        program.preview(project, monitor)
    else:
        monitor.recording.outputs = program.update(project, monitor, parallel=2)
    return monitor.recording


def record(
    run: Callable[[], object], *, preview: bool = False, config: Mapping[str, str] | None = None, stack: str = "dev"
) -> Recording:
    """Run a function as a program."""
    with patch.object(program, "execute", lambda project: run()):
        return record_project(Project(ROOT, "cafe", stack, dict(config or {})), preview=preview)


def stack_project(stack: str, config: Mapping[str, str] | None = None) -> Project:
    """The project with a stack's config. It is offline: the layer is named but not built."""
    project = load_project(ROOT, stack)
    return Project(ROOT, project.name, stack, {**project.config, "local:offline": "true", **(config or {})})


def record_stack(stack: str, *, preview: bool = False, config: Mapping[str, str] | None = None) -> Recording:
    """Run the whole program for a stack."""
    return record_project(stack_project(stack, config), preview=preview)


@cache
def recorded_stack(stack: str, *, workflow: bool = False) -> Recording:
    """The whole program's update for a stack, run once and shared by tests that only read it."""
    return record_stack(stack, config={"cafe:workflow": "true"} if workflow else None)


CONFIGURED = {
    "accessLogs": "true",
    "accessTokenMinutes": "5",
    "advancedSecurity": "AUDIT",
    "architecture": "x86_64",
    "apiDomain": "api.shop.example.com",
    "callbackUrls": '["http://localhost:5173/", "https://cafe.example/"]',
    "firewallRateLimit": "1234",
    "hostedZoneId": "Z0123456789",
    "guestMinutes": "60",
    "invoiceOrders": "false",
    "lateMinutes": "7",
    "mailFrom": "cafe@example.com",
    "manageAccountLogRole": "false",
    "notificationEmail": "counter@example.com",
    "photoQuotaCount": "7",
    "photoQuotaMegabytes": "70",
    "priceClass": "PriceClass_200",
    "queueConcurrency": "7",
    "reservedConcurrency": "9",
    "refreshTokenDays": "1",
    "siteDomain": "shop.example.com",
    "stageName": "v2",
    "streamParallelization": "4",
    "throttlingBurstLimit": "9",
    "throttlingRateLimit": "7",
    "webFirewall": "true",
    "workflow": "true",
}
"""Config keys of a stack, each with a value other than its default."""


@cache
def configured_stack() -> Recording:
    """The update of a stack with the config of `CONFIGURED`, run once."""
    return record_stack("dev", config={f"cafe:{key}": value for key, value in CONFIGURED.items()})


@cache
def gradual_stack() -> Recording:
    """The update of a stack that releases gradually, run once."""
    return record_stack("dev", config={"cafe:gradualRelease": "Canary10Percent5Minutes"})


def comparable(value: Any) -> Any:
    """A value whose assets, which compare by identity, are replaced by their content."""
    match value:
        case dict():
            return {key: comparable(item) for key, item in value.items()}
        case list():
            return [comparable(item) for item in value]
        case pulumi.AssetArchive():
            return {key: comparable(item) for key, item in value.assets.items()}
        case pulumi.FileAsset() | pulumi.FileArchive():
            return value.path
    return value
