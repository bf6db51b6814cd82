"""Replaces Pulumi's engine and the AWS provider: compares a program with what exists. `deployment` applies it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto.resource_pb2 import RegisterResourceResponse, ResourceInvokeResponse

from . import program
from .changes import Change, Operation, compare, generated_name, name_stem, with_name
from .emulator_client import ACCOUNT_ID
from .errors import UserError
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
        case "aws:index/getPartition:getPartition":
            return {"id": "aws", "partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws"}
    raise UserError(f"the local run does not support the function {token}")


class Compared(NamedTuple):
    """A resource's inputs, with its name in AWS, and how they differ from what exists."""

    inputs: dict[str, Any]
    change: Change
    delete_first: bool
    """Whether a replacement deletes the old resource before it creates the new one."""


class Monitor(MockMonitor, ABC):
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

    def ReadResource(self, request: Any) -> Any:  # noqa: N802  the SDK's name
        """Refuse `get`, which reads a resource that another program made."""
        raise UserError(f"{request.type} {request.name}: the local run does not support reading existing resources")

    def Call(self, request: Any) -> Any:  # noqa: N802  the SDK's name
        """Refuse methods of remote components."""
        raise UserError(f"the local run does not support the method {request.tok}")

    def RegisterResource(self, request: Any) -> RegisterResourceResponse:  # noqa: N802  the SDK's name
        """Return a resource's ID and outputs."""
        urn = self.make_urn(request.parent, request.type, request.name)
        if urn in self.registered:
            raise UserError(f"two resources have the type {request.type} and the name {request.name}: rename one")
        self.registered[urn] = Registered(urn, request.parent, request.type, request.name, request.custom)
        if request.importId:
            raise UserError(f"{request.type} {request.name}: the local run does not support `import_`")
        if not request.custom or request.type not in PROVIDERS:
            return RegisterResourceResponse(urn=urn, object=request.object)
        return self.register(self.registered[urn], request)

    @abstractmethod
    def register(self, resource: Registered, request: Any) -> RegisterResourceResponse:
        """Register a resource that exists in AWS, and return its ID and outputs."""

    def compared(self, resource: Registered, request: Any) -> Compared:
        """Compare a resource with what exists."""
        provider, current = PROVIDERS[resource.type], self.state.resources.get(resource.urn)
        given, old = plain(request.object), current.existing.inputs if current else {}
        if current is not None:
            given.update({key: old.get(key) for key in _top_level(resource, request.ignoreChanges)})
        inputs = with_name(provider, resource.name, resource.urn, given, old)
        change = Change(Operation.CREATE, {})
        if current is not None:
            change = compare(provider, old, inputs, _top_level(resource, request.replaceOnChanges))
        if change.operation is Operation.SAME and current is not None and not current.complete:
            change = Change(Operation.UPDATE, {})
        delete_first, key = request.deleteBeforeReplace, provider.name
        if key and change.operation in (Operation.CREATE, Operation.REPLACE) and not delete_first:
            if given.get(key):
                # Two resources cannot have the name that the program sets.
                delete_first = inputs[key] == old.get(key)
            else:
                inputs[key] = generated_name(
                    name_stem(provider, resource.name, given), resource.urn, self.state.used_names
                )
        return Compared(inputs, change, delete_first)


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
        inputs, change, _ = self.compared(resource, request)
        current = self.state.resources.get(resource.urn)
        self.steps.append(Step(resource, change, protected=current is not None and current.protect))
        if current is None or change.operation is Operation.REPLACE:
            return RegisterResourceResponse(urn=resource.urn, object=request.object)
        provider, existing = PROVIDERS[resource.type], current.existing
        unknown = provider.outputs_changed_by(change.properties.keys())
        known = {key: value for key, value in existing.outputs.items() if key not in unknown}
        return RegisterResourceResponse(
            urn=resource.urn,
            id=existing.id,
            object=struct({**settled(provider, inputs, request), **known}, request.object),
        )


def settled(provider: Provider, inputs: Mapping[str, Any], request: Any) -> dict[str, Any]:
    """The inputs that differ from the program's: the resource's name in AWS, and those whose changes are ignored."""
    keys = [*request.ignoreChanges, *([provider.name] if provider.name else [])]
    return {key: inputs[key] for key in keys if inputs.get(key) is not None}


def _top_level(resource: Registered, properties: Iterable[str]) -> list[str]:
    """The properties, which must be whole inputs. Raises `UserError` for a path into one, or a pattern."""
    for name in properties:
        if not name.isidentifier():
            raise UserError(
                f"{resource.type} {resource.name}: the local run supports only whole inputs in `ignore_changes` and "
                f"`replace_on_changes`, got {name!r}"
            )
    return list(properties)


class Plan(NamedTuple):
    """The resources that a program registers, and the steps that deploy them."""

    resources: list[Registered]
    steps: list[Step]
    """One for each resource that AWS has or will have, including those that stay the same."""
    outputs: dict[str, Any]
    """The stack's outputs; `None` for those that are unknown."""

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
    outputs = program.preview(project, monitor)
    removed = [resource for urn, resource in state.resources.items() if urn not in monitor.registered]
    deletions = [Step(it, Change(Operation.DELETE, {}), it.protect) for it in [*removed, *state.replaced]]
    return Plan([*monitor.registered.values()], [*monitor.steps, *deletions], outputs)
