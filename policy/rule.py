"""What a rule is, and what it sees of a stack."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_policy.proxy import UnknownValueError


@dataclass(frozen=True)
class Resource:
    """A resource as the engine knows it."""

    type: str
    name: str
    urn: str

    props: Mapping[str, Any]
    """By the names of Pulumi's schema: the inputs before it is made, its outputs when the whole stack is looked at.

    What is unknown during a preview raises `UnknownValueError` when it is asked for.
    """

    protect: bool = False
    """Whether Pulumi refuses to delete it."""

    comes_from: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The URNs of the resources whose outputs are in a property, by the property's name."""

    dependencies: Sequence[str] = ()
    """The URNs of all that has to be there before it."""

    def __getitem__(self, name: str) -> Any:
        return self.props[name]

    def get(self, name: str, default: Any = None) -> Any:
        """A property, or the default: where it is not set, or is empty, as a provider answers for what is not set."""
        return self.props.get(name) or default


class Stack:
    """All resources of a stack, and how they hang together.

    Resources are told by what a property comes from, never by its value: names and ARNs are not known in the first
    preview of a stack.
    """

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._by_urn = {resource.urn: resource for resource in resources}

    @property
    def all(self) -> list[Resource]:
        """All resources."""
        return list(self._by_urn.values())

    def of(self, *types: str) -> list[Resource]:
        """All resources of these types."""
        return [resource for resource in self.all if resource.type in types]

    def behind(self, resource: Resource, name: str, *types: str) -> list[Resource]:
        """The resources of these types that a property comes from."""
        found = [self._by_urn[urn] for urn in resource.comes_from.get(name, ()) if urn in self._by_urn]
        return [each for each in found if each.type in types]

    def using(self, resource: Resource, type: str, name: str) -> list[Resource]:
        """The resources of a type that have this one in a property."""
        return [each for each in self.of(type) if resource.urn in each.comes_from.get(name, ())]

    def before(self, resource: Resource) -> set[str]:
        """The URNs of everything that is made before the resource."""
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
"""Resources of a stack; the first is the one that the example is about."""


@dataclass(frozen=True)
class Rule:
    """Something that holds for all resources of some types."""

    name: str
    """In kebab-case, and no other rule's."""

    reason: str
    """Why it is so, in whole sentences."""

    on: Sequence[str]
    """The types of the resources that it is about."""

    check: StackCheck
    """What is wrong with a resource, and what to do, a line for each; nothing where all is well."""

    whole_stack: bool
    """Whether one has to know other resources to tell. Such a rule can only be asked when all are registered."""

    refused: Sequence[Example]
    """Stacks that break it, as small as can be."""

    accepted: Sequence[Example]
    """Stacks that do not, and are nearly the same."""

    not_on_emulator: str
    """Why it does not hold where an emulator stands in for AWS; empty where it does."""


def rule(
    name: str,
    reason: str,
    *,
    on: Sequence[str],
    refused: Sequence[Example],
    accepted: Sequence[Example],
    not_on_emulator: str = "",
) -> Callable[[Check], Rule]:
    """Make a rule of a check that looks at one resource alone."""

    def make(check: Check) -> Rule:
        def alone(resource: Resource, stack: Stack) -> Iterable[str]:
            return check(resource)

        return Rule(name, reason, on, alone, False, refused, accepted, not_on_emulator)

    return make


def stack_rule(
    name: str,
    reason: str,
    *,
    on: Sequence[str],
    refused: Sequence[Example],
    accepted: Sequence[Example],
    not_on_emulator: str = "",
) -> Callable[[StackCheck], Rule]:
    """Make a rule of a check that looks at a resource and at what is around it."""

    def make(check: StackCheck) -> Rule:
        return Rule(name, reason, on, check, True, refused, accepted, not_on_emulator)

    return make


@dataclass(frozen=True)
class Violation:
    """That a resource breaks a rule."""

    urn: str
    message: str
    """The resource's name, what is wrong with it, and what to do."""


def violations(rule: Rule, resource: Resource, stack: Stack) -> Iterator[Violation]:
    """What a rule has against a resource.

    Raises `UnknownValueError` at what is known after the update only.
    """
    if resource.type in rule.on:
        for problem in rule.check(resource, stack):
            yield Violation(resource.urn, f"{resource.name} {problem}")


def all_violations(rule: Rule, stack: Stack) -> Iterator[Violation]:
    """What a rule has against the resources of a stack, as far as it can be known."""
    for resource in stack.of(*rule.on):
        try:
            yield from violations(rule, resource, stack)
        except UnknownValueError:
            continue


def example(type: str, name: str = "it", /, *, protect: bool = False, after: Example = (), **props: Any) -> Resource:
    """A resource for an example. A property that is given a resource, or several, comes from them; `after` are those
    that it waits for besides."""
    comes_from = {key: _urns(value) for key, value in props.items() if _urns(value)}
    return Resource(
        type,
        name,
        f"urn:pulumi:example::cafe::{type}::{name}",
        _arns(props),
        protect,
        comes_from,
        [*(urn for urns in comes_from.values() for urn in urns), *(resource.urn for resource in after)],
    )


def _arns(value: Any) -> Any:
    """The same, with an ARN in the place of each resource."""
    match value:
        case Resource():
            return f"arn:{value.name}"
        case Mapping():
            return {key: _arns(item) for key, item in value.items()}
        case list() | tuple():
            return [_arns(item) for item in value]
    return value


def _urns(value: Any) -> list[str]:
    """The resources in a property, however deep."""
    match value:
        case Resource():
            return [value.urn]
        case Mapping():
            return [urn for item in value.values() for urn in _urns(item)]
        case list() | tuple():
            return [urn for item in value for urn in _urns(item)]
    return []
