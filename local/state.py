"""What a local run has deployed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from .resources import Existing


@dataclass(frozen=True)
class Resource:
    """A deployed resource."""

    urn: str
    type: str
    name: str
    existing: Existing
    dependencies: frozenset[str] = frozenset()
    """URNs of the resources that must outlive it."""
    protect: bool = False
    retain: bool = False
    """Whether it remains in AWS when the program no longer has it."""
    complete: bool = True
    """Whether all its settings have been applied."""


@dataclass
class State:
    """The resources of a stack."""

    resources: dict[str, Resource] = field(default_factory=dict)
    """By URN."""
    replaced: list[Resource] = field(default_factory=list)
    """Resources that have been replaced, but not yet deleted."""

    def names(self, urn: str, key: str) -> set[str]:
        """The names in AWS of the resources with this URN; `key` is the input that has it."""
        resources = [*self.replaced, *filter(None, [self.resources.get(urn)])]
        return {str(resource.existing.inputs.get(key)) for resource in resources if resource.urn == urn}

    def drop(self, resource: Resource) -> None:
        """Forget a resource that has been deleted."""
        if resource in self.replaced:
            self.replaced.remove(resource)
        else:
            del self.resources[resource.urn]


def dependents_first(resources: Iterable[Resource]) -> Iterator[Resource]:
    """The resources in an order in which they can be deleted."""
    by_urn: dict[str, list[Resource]] = {}
    for resource in resources:
        by_urn.setdefault(resource.urn, []).append(resource)
    graph = {urn: {it for each in same for it in each.dependencies if it != urn} for urn, same in by_urn.items()}
    try:
        order = [*TopologicalSorter(graph).static_order()]
    except CycleError:
        # Resources that were replaced before others began to depend on them: any order is as good.
        order = [*by_urn]
    for urn in reversed(order):
        yield from by_urn.get(urn, [])
