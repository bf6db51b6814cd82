"""Rules, and the resources of a stack that they check."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_policy.proxy import UnknownValueError


@dataclass(frozen=True)
class Resource:
    """A resource as the Pulumi engine describes it."""

    type: str
    name: str
    urn: str

    props: Mapping[str, Any]
    """Properties by their names in Pulumi's schema: inputs before creation, outputs in a check of the whole stack.

    Reading a value that is unknown during a preview raises `UnknownValueError`.
    """

    protect: bool = False
    """Whether Pulumi refuses to delete it."""

    input_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The URNs of the resources whose outputs a property uses, by the property's name."""

    dependencies: Sequence[str] = ()
    """The URNs of the resources that it depends on."""

    def __getitem__(self, name: str) -> Any:
        return self.props[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return a property, or the default if it is unset or empty: providers return unset properties as empty."""
        return self.props.get(name) or default


class Stack:
    """All resources of a stack, and the links between them.

    A link is found by the resource that a property comes from, never by its value: names and ARNs are unknown in the
    first preview of a stack.
    """

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._by_urn = {resource.urn: resource for resource in resources}

    @property
    def all(self) -> list[Resource]:
        """All resources of the stack."""
        return list(self._by_urn.values())

    def of(self, *types: str) -> list[Resource]:
        """Return all resources of these types."""
        return [resource for resource in self.all if resource.type in types]

    def sources(self, resource: Resource, name: str, *types: str) -> list[Resource]:
        """Return the resources of these types that a property comes from."""
        found = [self._by_urn[urn] for urn in resource.input_dependencies.get(name, ()) if urn in self._by_urn]
        return [each for each in found if each.type in types]

    def users(self, resource: Resource, type: str, name: str) -> list[Resource]:
        """Return the resources of a type that use this resource in a property."""
        return [each for each in self.of(type) if resource.urn in each.input_dependencies.get(name, ())]

    def dependencies_of(self, resource: Resource) -> set[str]:
        """Return the URNs of all direct and indirect dependencies of a resource."""
        seen: set[str] = set()
        waiting = list(resource.dependencies)
        while waiting:
            urn = waiting.pop()
            if urn not in seen and urn in self._by_urn:
                seen.add(urn)
                waiting += self._by_urn[urn].dependencies
        return seen


Check = Callable[[Resource], Iterable[str]]
StackCheck = Callable[[Resource, Stack], Iterable[str]]
Example = Sequence[Resource]
"""Resources of a stack; the first one is under test."""


@dataclass(frozen=True)
class Rule:
    """A requirement for all resources of some types."""

    name: str
    """Unique, in kebab-case."""

    reason: str
    """Why the rule exists, in whole sentences."""

    on: Sequence[str]
    """The types of the resources that it checks."""

    check: StackCheck
    """Yields a line for each problem with a resource: what is wrong and how to fix it."""

    whole_stack: bool
    """Whether the check needs other resources. Such a rule runs only once all of them are registered."""

    violating: Sequence[Example]
    """Minimal stacks that break the rule."""

    compliant: Sequence[Example]
    """Similar stacks that comply."""

    not_on_emulator: str
    """Why the rule does not apply on an emulator; empty if it does."""


def rule(
    name: str,
    reason: str,
    *,
    on: Sequence[str],
    violating: Sequence[Example],
    compliant: Sequence[Example],
    not_on_emulator: str = "",
) -> Callable[[Check], Rule]:
    """Make a rule from a check of a single resource."""

    def make(check: Check) -> Rule:
        def alone(resource: Resource, stack: Stack) -> Iterable[str]:
            return check(resource)

        return Rule(name, reason, on, alone, False, violating, compliant, not_on_emulator)

    return make


def stack_rule(
    name: str,
    reason: str,
    *,
    on: Sequence[str],
    violating: Sequence[Example],
    compliant: Sequence[Example],
    not_on_emulator: str = "",
) -> Callable[[StackCheck], Rule]:
    """Make a rule from a check of a resource and the resources linked to it."""

    def make(check: StackCheck) -> Rule:
        return Rule(name, reason, on, check, True, violating, compliant, not_on_emulator)

    return make


@dataclass(frozen=True)
class Violation:
    """A resource that breaks a rule."""

    urn: str
    message: str
    """The resource's name, what is wrong with it, and how to fix it."""


def violations(rule: Rule, resource: Resource, stack: Stack) -> Iterator[Violation]:
    """Return a resource's violations of a rule.

    Raises `UnknownValueError` for values that are known only after the update.
    """
    if resource.type in rule.on:
        for problem in rule.check(resource, stack):
            yield Violation(resource.urn, f"{resource.name} {problem}")


def all_violations(rule: Rule, stack: Stack) -> Iterator[Violation]:
    """Return a stack's violations of a rule, skipping resources with unknown values."""
    for resource in stack.of(*rule.on):
        try:
            yield from violations(rule, resource, stack)
        except UnknownValueError:
            continue


def example(type: str, name: str = "it", /, *, protect: bool = False, after: Example = (), **props: Any) -> Resource:
    """Return a resource for an example. A property whose value contains resources comes from them; `after` are further
    dependencies."""
    input_dependencies = {key: _urns(value) for key, value in props.items() if _urns(value)}
    return Resource(
        type,
        name,
        f"urn:pulumi:example::cafe::{type}::{name}",
        _arns(props),
        protect,
        input_dependencies,
        [*(urn for urns in input_dependencies.values() for urn in urns), *(resource.urn for resource in after)],
    )


def _arns(value: Any) -> Any:
    """Replace each resource in a value with an ARN."""
    match value:
        case Resource():
            return f"arn:{value.name}"
        case Mapping():
            return {key: _arns(item) for key, item in value.items()}
        case list() | tuple():
            return [_arns(item) for item in value]
    return value


def _urns(value: Any) -> list[str]:
    """Return the URNs of the resources in a value, at any depth."""
    match value:
        case Resource():
            return [value.urn]
        case Mapping():
            return [urn for item in value.values() for urn in _urns(item)]
        case list() | tuple():
            return [urn for item in value for urn in _urns(item)]
    return []
