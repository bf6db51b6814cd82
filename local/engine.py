"""Replaces Pulumi's engine and the AWS provider: compares a program with what exists. `deployment` applies it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto.resource_pb2 import RegisterResourceResponse, ResourceInvokeResponse

from ops.emulator_client import ACCOUNT_ID
from ops.errors import UserError

from . import program
from .changes import Change, Operation, compare, generated_name, with_name
from .project import Project
from .resources import PROVIDERS, SKIPPED, Provider
from .state import Resource, State
from .values import plain, struct


class Registered(NamedTuple):
    """A resource that the program registered. The URN contains its type path and its place in the tree."""

    urn: str
    parent: str
    type: str
    name: str
    custom: bool


class Step(NamedTuple):
    """A change of one resource."""

    resource: Registered | Resource
    change: Change
    protected: bool = False
    """Whether the resource must not be deleted or replaced."""

    @property
    def loses_data(self) -> bool:
        """Whether the step loses what users have stored."""
        return self.change.operation is Operation.REPLACE and PROVIDERS[self.resource.type].holds_data


class _Functions(Mocks):
    """The AWS provider's functions that work without AWS."""

    def __init__(self, region: str) -> None:
        self._region = region

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], None]:
        """Return a function's result as the provider does."""
        return call(args.token, self._region), None

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Never called: the monitors below register resources themselves."""
        raise AssertionError(args.typ)


def call(token: str, region: str) -> dict[str, Any]:
    """The result of a function of the provider. Raises `UserError` for one that needs AWS."""
    match token:
        case "aws:index/getRegion:getRegion":
            return {"id": region, "region": region, "name": region}
        case "aws:index/getCallerIdentity:getCallerIdentity":
            return {"id": ACCOUNT_ID, "accountId": ACCOUNT_ID, "arn": f"arn:aws:iam::{ACCOUNT_ID}:root"}
    raise UserError(f"the local run does not support the function {token}")


class Monitor(MockMonitor):
    """Answers the SDK without its own event loop, because the SDK calls it from any thread."""

    def __init__(self, region: str, state: State) -> None:
        super().__init__(_Functions(region))
        self.state = state
        self.registered: dict[str, Registered] = {}

    def Invoke(self, request: Any) -> ResourceInvokeResponse:  # noqa: N802  the SDK's name
        """Call a function of the provider."""
        result, _ = self.mocks.call(MockCallArgs(request.tok, dict(request.args), request.provider))
        response = ResourceInvokeResponse()
        getattr(response, "return").update(result)
        return response

    def RegisterResource(self, request: Any) -> RegisterResourceResponse:  # noqa: N802  the SDK's name
        """Return a resource's ID and outputs."""
        urn = self.make_urn(request.parent, request.type, request.name)
        if urn in self.registered:
            raise UserError(f"two resources have the type {request.type} and the name {request.name}: rename one")
        self.registered[urn] = Registered(urn, request.parent, request.type, request.name, request.custom)
        if not request.custom or request.type not in PROVIDERS:
            return RegisterResourceResponse(urn=urn, object=request.object)
        return self.register(self.registered[urn], request)

    def register(self, resource: Registered, request: Any) -> RegisterResourceResponse:
        """Register a resource that exists in AWS."""
        raise NotImplementedError

    def compared(self, resource: Registered, request: Any) -> tuple[dict[str, Any], Change]:
        """The inputs, with the resource's name in AWS, and how they differ from what exists."""
        provider, current = PROVIDERS[resource.type], self.state.resources.get(resource.urn)
        inputs, old = plain(request.object), current.existing.inputs if current else {}
        if current is None:
            named = with_name(provider, resource.name, resource.urn, inputs, {})
            return self._renamed(provider, resource, named), Change(Operation.CREATE, {})
        inputs.update({key: old.get(key) for key in request.ignoreChanges})
        inputs = with_name(provider, resource.name, resource.urn, inputs, old)
        change = compare(provider, old, inputs, request.replaceOnChanges)
        if change.operation is Operation.SAME and not current.complete:
            change = Change(Operation.UPDATE, {})
        if change.operation is Operation.REPLACE and not request.deleteBeforeReplace:
            inputs = self._renamed(provider, resource, inputs)
        return inputs, change

    def _renamed(self, provider: Provider, resource: Registered, inputs: dict[str, Any]) -> dict[str, Any]:
        """The inputs with another generated name if an existing resource has it."""
        key = provider.name
        if key is None or inputs[key] not in (taken := self.state.names(resource.urn, key)):
            return inputs
        return {**inputs, key: generated_name(resource.name, resource.urn, taken)}


class _Preview(Monitor):
    """Records every resource and what would be done with it."""

    def __init__(self, region: str, state: State) -> None:
        super().__init__(region, state)
        self.steps: list[Step] = []

    def register(self, resource: Registered, request: Any) -> RegisterResourceResponse:
        """Return the inputs, and the outputs that will not change; all others stay unknown."""
        if not self.state.resources:
            self.steps.append(Step(resource, Change(Operation.CREATE, {})))
            return RegisterResourceResponse(urn=resource.urn, object=request.object)
        inputs, change = self.compared(resource, request)
        current = self.state.resources.get(resource.urn)
        self.steps.append(Step(resource, change, protected=current is not None and current.protect))
        if current is None or change.operation is Operation.REPLACE:
            return RegisterResourceResponse(urn=resource.urn, object=request.object)
        provider, existing = PROVIDERS[resource.type], current.existing
        unknown = provider.outputs_changed_by(change.properties.keys())
        known = {key: value for key, value in existing.outputs.items() if key not in unknown}
        return RegisterResourceResponse(
            urn=resource.urn, id=existing.id, object=struct({**named(provider, inputs), **known}, request.object)
        )


def named(provider: Provider, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The resource's name in AWS, as an output."""
    return {provider.name: inputs[provider.name]} if provider.name else {}


class Plan(NamedTuple):
    """The resources that a program registers, and the steps that deploy them."""

    resources: list[Registered]
    steps: list[Step]
    """One for each resource that AWS has or will have, including those that stay the same."""

    @property
    def custom(self) -> list[Registered]:
        """The resources that exist in AWS, without the components that group them."""
        return [resource for resource in self.resources if resource.custom]

    @property
    def changes(self) -> list[Step]:
        """The steps that change something, in the order in which Pulumi lists resources."""
        return [step for step in self.steps if step.change.operation is not Operation.SAME]

    def skipped(self) -> dict[str, str]:
        """The skipped resource types, with the reasons."""
        return {resource.type: SKIPPED[resource.type] for resource in self.custom if resource.type in SKIPPED}

    def check(self) -> None:
        """Raise `UserError` if the local run cannot deploy a resource."""
        for resource in self.custom:
            if resource.type not in PROVIDERS and resource.type not in SKIPPED:
                raise UserError(
                    f"the local run does not support the resource type {resource.type} ({resource.name}): "
                    "add a provider for it in local/resources"
                )
        for step in self.changes:
            if step.protected and step.change.operation in (Operation.DELETE, Operation.REPLACE):
                raise UserError(
                    f"{step.resource.type} {step.resource.name} is protected and cannot be deleted: deploy it with "
                    "`protect` set to false first"
                )


def preview(project: Project, state: State | None = None) -> Plan:
    """Run the program without changing anything, and compare it with what exists (default: nothing)."""
    state = state or State()
    monitor = _Preview(project.region, state)
    program.preview(project, monitor)
    removed = [resource for urn, resource in state.resources.items() if urn not in monitor.registered]
    deletions = [Step(it, Change(Operation.DELETE, {}), it.protect) for it in [*removed, *state.replaced]]
    return Plan([*monitor.registered.values()], [*monitor.steps, *deletions])
