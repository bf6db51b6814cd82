"""What stands in for Pulumi's engine and the AWS provider: one run that only looks, and one that makes."""

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
from .resources import CREATORS, SKIPPED, Made, Planned
from .resources.registry import Inputs

PARALLEL = 16
"""Resources made at once. Most of the time goes by in waiting for the emulator."""


class Registered(NamedTuple):
    """A resource as the program registered it. Its type path and its place in the tree are in the URN."""

    urn: str
    parent: str
    type: str
    name: str
    custom: bool


class ResourceFailed(UserError):
    """A resource could not be made; names it, and says what AWS said."""


class _Functions(Mocks):
    """The functions of the AWS provider that need no AWS."""

    def __init__(self, region: str) -> None:
        self._region = region

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], None]:
        """Answer for the provider."""
        match args.token:
            case "aws:index/getRegion:getRegion":
                return {"id": self._region, "region": self._region, "name": self._region}, None
            case "aws:index/getCallerIdentity:getCallerIdentity":
                return {"id": ACCOUNT_ID, "accountId": ACCOUNT_ID, "arn": f"arn:aws:iam::{ACCOUNT_ID}:root"}, None
        raise UserError(f"the local run does not know the function {args.token}")

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Not asked: the monitors below answer for resources themselves."""
        raise AssertionError(args.typ)


class _Monitor(MockMonitor):
    """Answers the SDK without an event loop of its own: it is called from whatever thread is free."""

    def __init__(self, region: str) -> None:
        super().__init__(_Functions(region))

    def Invoke(self, request: Any) -> ResourceInvokeResponse:  # noqa: N802  the SDK's name
        """The result of one of the provider's functions."""
        result, _ = self.mocks.call(MockCallArgs(request.tok, dict(request.args), request.provider))
        response = ResourceInvokeResponse()
        getattr(response, "return").update(result)
        return response


class _Preview(_Monitor):
    """Makes nothing and takes note of everything."""

    def __init__(self, region: str) -> None:
        super().__init__(region)
        self.registered: list[Registered] = []

    def RegisterResource(self, request: Any) -> RegisterResourceResponse:  # noqa: N802  the SDK's name
        """Answer with the inputs: all else stays unknown."""
        urn = self.make_urn(request.parent, request.type, request.name)
        self.registered.append(Registered(urn, request.parent, request.type, request.name, request.custom))
        return RegisterResourceResponse(urn=urn, object=request.object)


class _Deployment(_Monitor):
    """Makes each resource as soon as its inputs are known. Called from many threads."""

    def __init__(self, aws: Aws, made: Callable[[], None]) -> None:
        super().__init__(aws.region)
        self._aws = aws
        self._made = made
        self.failure: Exception | None = None

    def RegisterResource(self, request: Any) -> RegisterResourceResponse:  # noqa: N802  the SDK's name
        """Make it, and answer with its id and its outputs."""
        urn = self.make_urn(request.parent, request.type, request.name)
        if not request.custom or request.type in SKIPPED:
            return RegisterResourceResponse(urn=urn, object=request.object)
        if self.failure is not None:
            raise self.failure
        inputs = _whole_numbers(rpc.deserialize_properties(request.object))
        try:
            made = self._create(Planned(urn, request.type, request.name, Inputs(inputs)))
        except Exception as error:
            # The first one counts: what comes after it in other threads is only its echo.
            self.failure = self.failure or error
            raise
        self._made()
        return RegisterResourceResponse(urn=urn, id=made.id, object=struct(made.outputs, request.object))

    def _create(self, planned: Planned) -> Made:
        from botocore.exceptions import BotoCoreError, ClientError  # a preview needs nothing of boto3

        resource = f"{planned.type} {planned.name}"
        try:
            made = CREATORS[planned.type](self._aws, planned)
        except (ClientError, BotoCoreError) as error:
            raise ResourceFailed(f"{resource} could not be made: {error}") from error
        if unread := planned.inputs.unread():
            raise ResourceFailed(f"{resource}: the local run does not know the inputs {', '.join(unread)}")
        return made


def struct(values: Mapping[str, Any], others: Struct | None = None) -> Struct:
    """Values as the SDK's wire has them, over those of another struct."""
    result = Struct()
    if others is not None:
        result.CopyFrom(others)
    result.update(values)
    return result


def _whole_numbers(value: Any) -> Any:
    """Numbers travel as floats between the SDK and its engine; AWS wants to see whole ones."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {key: _whole_numbers(item) for key, item in value.items()}
        case list():
            return [_whole_numbers(item) for item in value]
    return value


class Plan(NamedTuple):
    """What a program would make."""

    resources: list[Registered]

    @property
    def custom(self) -> list[Registered]:
        """Those that are something in AWS, not merely a group of others."""
        return [resource for resource in self.resources if resource.custom]

    @property
    def to_make(self) -> list[Registered]:
        """Those among them that are made here."""
        return [resource for resource in self.custom if resource.type not in SKIPPED]

    def skipped(self) -> dict[str, str]:
        """The types among them that are passed over, and why."""
        return {resource.type: SKIPPED[resource.type] for resource in self.custom if resource.type in SKIPPED}

    def check(self) -> None:
        """Refuse a plan with a resource that cannot be made here."""
        for resource in self.custom:
            if resource.type not in CREATORS and resource.type not in SKIPPED:
                raise UserError(
                    f"the local run does not know the resource type {resource.type} ({resource.name}): "
                    "add a creator for it in local/resources"
                )


def preview(project: Project) -> Plan:
    """Run the program without making anything."""
    monitor = _Preview(project.region)
    program.preview(project, monitor)
    return Plan(monitor.registered)


def deploy(project: Project, aws: Aws, made: Callable[[], None]) -> dict[str, Any]:
    """Run the program, making each resource as soon as its inputs are known; `made` is called after each.

    Returns the stack's outputs. Raises `ResourceFailed`.
    """
    monitor = _Deployment(aws, made)
    try:
        return program.update(project, monitor, PARALLEL)
    except Exception:
        if monitor.failure is not None:
            raise monitor.failure from None
        raise
