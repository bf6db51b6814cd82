"""Replaces Pulumi's engine and the AWS provider: `preview` records the resources, `deploy` creates them."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto.resource_pb2 import RegisterResourceResponse, ResourceInvokeResponse

from ops.emulator_client import ACCOUNT_ID, Aws
from ops.errors import UserError

from . import program
from .project import Project
from .resources import CREATORS, SKIPPED, Created, Planned
from .resources.registry import Inputs

PARALLEL = 16
"""Resources created in parallel. Most of the time is spent waiting for the emulator."""


class Registered(NamedTuple):
    """A resource that the program registered. The URN contains its type path and its place in the tree."""

    urn: str
    parent: str
    type: str
    name: str
    custom: bool


class ResourceFailed(UserError):
    """A resource could not be created. The message names it and quotes AWS's error."""


class _Functions(Mocks):
    """The AWS provider's functions that work without AWS."""

    def __init__(self, region: str) -> None:
        self._region = region

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], None]:
        """Return a function's result as the provider does."""
        match args.token:
            case "aws:index/getRegion:getRegion":
                return {"id": self._region, "region": self._region, "name": self._region}, None
            case "aws:index/getCallerIdentity:getCallerIdentity":
                return {"id": ACCOUNT_ID, "accountId": ACCOUNT_ID, "arn": f"arn:aws:iam::{ACCOUNT_ID}:root"}, None
        raise UserError(f"the local run does not support the function {args.token}")

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Never called: the monitors below register resources themselves."""
        raise AssertionError(args.typ)


class _Monitor(MockMonitor):
    """Answers the SDK without its own event loop, because the SDK calls it from any thread."""

    def __init__(self, region: str) -> None:
        super().__init__(_Functions(region))

    def Invoke(self, request: Any) -> ResourceInvokeResponse:  # noqa: N802  the SDK's name
        """Call a function of the provider."""
        result, _ = self.mocks.call(MockCallArgs(request.tok, dict(request.args), request.provider))
        response = ResourceInvokeResponse()
        getattr(response, "return").update(result)
        return response


class _Preview(_Monitor):
    """Records every resource and creates none."""

    def __init__(self, region: str) -> None:
        super().__init__(region)
        self.registered: list[Registered] = []

    def RegisterResource(self, request: Any) -> RegisterResourceResponse:  # noqa: N802  the SDK's name
        """Return the inputs as outputs; all other outputs stay unknown."""
        urn = self.make_urn(request.parent, request.type, request.name)
        self.registered.append(Registered(urn, request.parent, request.type, request.name, request.custom))
        return RegisterResourceResponse(urn=urn, object=request.object)


class _Deployment(_Monitor):
    """Creates each resource as soon as its inputs are known. Called from many threads."""

    def __init__(self, aws: Aws, made: Callable[[], None]) -> None:
        super().__init__(aws.region)
        self._aws = aws
        self._made = made
        self.failure: Exception | None = None

    def RegisterResource(self, request: Any) -> RegisterResourceResponse:  # noqa: N802  the SDK's name
        """Create the resource and return its ID and outputs."""
        urn = self.make_urn(request.parent, request.type, request.name)
        if not request.custom or request.type in SKIPPED:
            return RegisterResourceResponse(urn=urn, object=request.object)
        if self.failure is not None:
            raise self.failure
        inputs = _whole_numbers(rpc.deserialize_properties(request.object))
        try:
            made = self._create(Planned(urn, request.type, request.name, Inputs(inputs)))
        except Exception as error:
            # Keep the first failure: later ones in other threads result from it.
            self.failure = self.failure or error
            raise
        self._made()
        return RegisterResourceResponse(urn=urn, id=made.id, object=struct(made.outputs, request.object))

    def _create(self, planned: Planned) -> Created:
        from botocore.exceptions import BotoCoreError, ClientError  # a preview does not need boto3

        resource = f"{planned.type} {planned.name}"
        try:
            made = CREATORS[planned.type](self._aws, planned)
        except (ClientError, BotoCoreError) as error:
            raise ResourceFailed(f"{resource} could not be created: {error}") from error
        if unread := planned.inputs.unread():
            raise ResourceFailed(f"{resource}: the local run does not support the inputs {', '.join(unread)}")
        return made


def struct(values: Mapping[str, Any], others: Struct | None = None) -> Struct:
    """Values as a protobuf struct, merged over those of `others`."""
    result = Struct()
    if others is not None:
        result.CopyFrom(others)
    result.update(values)
    return result


def _whole_numbers(value: Any) -> Any:
    """Convert whole floats to integers: the SDK sends all numbers as floats, and AWS expects integers."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {key: _whole_numbers(item) for key, item in value.items()}
        case list():
            return [_whole_numbers(item) for item in value]
    return value


class Plan(NamedTuple):
    """The resources that a program registers."""

    resources: list[Registered]

    @property
    def custom(self) -> list[Registered]:
        """The resources that exist in AWS, without the components that group them."""
        return [resource for resource in self.resources if resource.custom]

    @property
    def to_create(self) -> list[Registered]:
        """The custom resources that the local run creates."""
        return [resource for resource in self.custom if resource.type not in SKIPPED]

    def skipped(self) -> dict[str, str]:
        """The skipped resource types, with the reasons."""
        return {resource.type: SKIPPED[resource.type] for resource in self.custom if resource.type in SKIPPED}

    def check(self) -> None:
        """Raise `UserError` if the local run cannot create a resource."""
        for resource in self.custom:
            if resource.type not in CREATORS and resource.type not in SKIPPED:
                raise UserError(
                    f"the local run does not support the resource type {resource.type} ({resource.name}): "
                    "add a creator for it in local/resources"
                )


def preview(project: Project) -> Plan:
    """Run the program without creating anything."""
    monitor = _Preview(project.region)
    program.preview(project, monitor)
    return Plan(monitor.registered)


def deploy(project: Project, aws: Aws, made: Callable[[], None]) -> dict[str, Any]:
    """Run the program and create each resource as soon as its inputs are known; calls `made` after each.

    Returns the stack's outputs. Raises `ResourceFailed`.
    """
    monitor = _Deployment(aws, made)
    try:
        return program.update(project, monitor, PARALLEL)
    except Exception:
        if monitor.failure is not None:
            raise monitor.failure from None
        raise
