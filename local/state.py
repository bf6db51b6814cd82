"""What a local run has deployed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from .resources import PROVIDERS, Existing


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
    used_names: set[str] = field(default_factory=set, compare=False)
    """All names in AWS so far. A name that was used may still be taken: by what is retained, or by a late log line."""

    def others_like(self, resource: Resource) -> Iterator[Resource]:
        """Other resources that the program has and that are the same in AWS, such as the policy of the same queue."""
        provider = PROVIDERS[resource.type]
        for other in self.resources.values():
            if other is resource or other.type != resource.type or other.existing.id != resource.existing.id:
                continue
            pairs = ((it.existing.inputs.get(key) for it in (other, resource)) for key in provider.replace_on)
            if all(mine == theirs for mine, theirs in pairs):
                yield other

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
