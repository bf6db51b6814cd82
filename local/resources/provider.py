"""How resource types are created, updated and deleted: one `Provider` per type."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..emulator_client import Aws


class Inputs(Mapping[str, Any]):
    """A resource's inputs by their names in Pulumi's schema. Tracks which inputs are read: an unread input would be
    silently missing from the resource in AWS."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self._read: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self._read.add(key)
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def unread(self) -> list[str]:
        """The names of inputs that have a value but were not read."""
        return sorted(key for key, value in self._values.items() if key not in self._read and value is not None)

    def only(self, **names: str) -> dict[str, Any]:
        """The inputs with these names that have a value, renamed: `only(timeout="Timeout")`."""
        return {to: self[key] for key, to in names.items() if self.get(key) is not None}


class Created(NamedTuple):
    """A created resource: its ID, and its outputs that are not inputs."""

    id: str
    outputs: dict[str, Any]


@dataclass(frozen=True)
class Existing:
    """A resource that exists in AWS, as it was last created or updated."""

    id: str
    inputs: Mapping[str, Any]
    """Empty in an update after one that failed half-way."""
    outputs: Mapping[str, Any]


class Provider(ABC):
    """Creates, updates and deletes the resources of one type. Methods raise boto3's errors."""

    name: str | None = None
    """The input with the resource's name in AWS. If the program does not set it, the name is generated, as Pulumi's
    providers do."""

    replace_on: Set[str] = frozenset()
    """Inputs whose change replaces the resource (Terraform's AWS provider: "Forces new resource")."""

    immutable = False
    """Whether any change replaces the resource."""

    resets_removed = True
    """Whether an update returns inputs that were removed to AWS's defaults. If not, the resource is replaced."""

    holds_data = False
    """Whether users store data in the resource, which a replacement loses."""

    @abstractmethod
    def create(self, aws: Aws, inputs: Inputs) -> Created:
        """Create the resource, in a single call: if a second one failed, nobody would know of the resource."""

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        """Change the resource to its new inputs, and return the outputs that may have changed. The default is for APIs
        that overwrite: it creates the resource again."""
        return self.create(aws, inputs).outputs

    def configure(self, aws: Aws, id: str, inputs: Inputs) -> None:  # noqa: B027  most types have no such settings
        """Apply the settings that have calls of their own, after each `create` and `update`."""

    @abstractmethod
    def delete(self, aws: Aws, existing: Existing) -> None:
        """Delete the resource."""

    def has_data(self, aws: Aws, existing: Existing) -> bool:
        """Whether there is data in a resource that `holds_data`."""
        return self.holds_data

    def outputs_changed_by(self, inputs: Set[str]) -> Set[str]:
        """The outputs that are unknown until an update that changes these inputs is complete."""
        return frozenset()


PROVIDERS: dict[str, Provider] = {}
"""The provider of each resource type, by type token."""

SKIPPED: dict[str, str] = {}
"""Why a resource is skipped, by type token: what the emulator does not support."""


def provides(token: str) -> Callable[[type[Provider]], type[Provider]]:
    """Register the provider of a resource type."""

    def register(provider: type[Provider]) -> type[Provider]:
        PROVIDERS[token] = provider()
        return provider

    return register


def pascal(value: Any) -> Any:
    """Convert keys recursively to the case of most AWS APIs: `minimumLength` -> `MinimumLength`."""
    if isinstance(value, Mapping):
        return {key[:1].upper() + key[1:]: pascal(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [pascal(item) for item in value]
    return value
