"""Replaces Pulumi's engine and the AWS provider: compares a program with what exists. `deployment` applies it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf.json_format import MessageToDict
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto.resource_pb2 import RegisterResourceResponse, ResourceInvokeResponse

from . import program
from .changes import Change, Operation, compare, generated_name, name_stem, name_suffix, with_name
from .errors import UserError
from .functions_of_provider import call
from .project import Project
from .resources import PROVIDERS, SKIPPED, Provider
from .state import Resource, State
from .values import plain, struct

TAGS = ("tags", "tagsAll")


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
        return call(args.token, self._region, args.args), None

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Never called: the monitors below register resources themselves."""
        raise AssertionError(args.typ)


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
        self._region = region
        self.state = state
        self.has_tags = False
        self.registered: dict[str, Registered] = {}

    def Invoke(self, request: Any) -> ResourceInvokeResponse:  # noqa: N802  the SDK's name
        """Call a function of the provider."""
        result, _ = self.mocks.call(MockCallArgs(request.tok, MessageToDict(request.args), request.provider))
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
        if request.remote:
            raise UserError(
                f"{request.type} {request.name}: the local run does not support components of other packages"
            )
        if request.type.startswith(PROVIDER):
            _check_provider(request, self._region)
            return RegisterResourceResponse(urn=urn, id=request.name, object=request.object)
        if not request.custom or request.type not in PROVIDERS:
            return RegisterResourceResponse(urn=urn, object=request.object)
        self.check(self.registered[urn], request)
        return self.register(self.registered[urn], request)

    @abstractmethod
    def register(self, resource: Registered, request: Any) -> RegisterResourceResponse:
        """Register a resource that exists in AWS, and return its ID and outputs."""

    def compared(self, resource: Registered, request: Any) -> Compared:
        """Compare a resource with what exists."""
        provider, current = PROVIDERS[resource.type], self.state.resources.get(resource.urn)
        given = {key: value for key, value in plain(request.object).items() if key not in ("region", *TAGS)}
        old = current.existing.inputs if current else {}
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
                    name_stem(provider, resource.name, given),
                    resource.urn,
                    self.state.used_names,
                    suffix=name_suffix(given),
                )
        return Compared(inputs, change, delete_first)

    def check(self, resource: Registered, request: Any) -> None:
        """Raise `UserError` for a resource in another region, and note tags, which the local run does not keep."""
        _top_level(resource, [*request.ignoreChanges, *request.replaceOnChanges])
        fields = request.object.fields
        if "region" in fields and fields["region"].string_value not in ("", self._region):
            raise UserError(
                f"{resource.type} {resource.name}: the local run has one region, {self._region}, so remove its `region`"
            )
        self.has_tags = self.has_tags or any(name in fields for name in TAGS)


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


PROVIDER = "pulumi:providers:"


def _check_provider(request: Any, region: str) -> None:
    """Raise `UserError` for a provider other than AWS's in this region."""
    given = plain(request.object).get("region")
    if request.type != f"{PROVIDER}aws":
        raise UserError(f"the local run supports the provider aws only, not {request.type.removeprefix(PROVIDER)}")
    if given not in (None, region):
        raise UserError(
            f"the provider {request.name} has the region {given!r}; the local run has one region, {region}: pass "
            f"--config aws:region={given} to run there"
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
    has_tags: bool = False

    @property
    def custom(self) -> list[Registered]:
        """The resources that exist in AWS, without the components that group them."""
        return [it for it in self.resources if it.custom and not it.type.startswith(PROVIDER)]

    @property
    def changes(self) -> list[Step]:
        """The steps that change something, in the order in which Pulumi lists resources."""
        return [step for step in self.steps if step.change.operation is not Operation.SAME]

    def skipped(self) -> dict[str, str]:
        """The skipped resource types, and tags, with the reasons."""
        skipped = {resource.type: SKIPPED[resource.type] for resource in self.custom if resource.type in SKIPPED}
        return {**skipped, **({"tags": "the local run does not keep them"} if self.has_tags else {})}

    def check(self) -> None:
        """Raise `UserError` if the local run cannot deploy a resource."""
        for resource in self.custom:
            if resource.type not in PROVIDERS and resource.type not in SKIPPED:
                raise UserError(
                    f"the local run does not support the resource type {resource.type} ({resource.name}): leave it out "
                    f"of this stack, or add a provider for it in {Path(__file__).parent.name}/resources"
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
    return Plan([*monitor.registered.values()], [*monitor.steps, *deletions], outputs, monitor.has_tags)
