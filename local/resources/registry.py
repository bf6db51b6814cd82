"""The registry of resource types that the local run can create."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ops.emulator_client import Aws


class Inputs(Mapping[str, Any]):
    """A resource's inputs by their names in Pulumi's schema. Tracks which inputs are read: an unread input would be
    silently missing from the created resource."""

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


@dataclass(frozen=True)
class Planned:
    """A resource that the program registered."""

    urn: str
    type: str
    name: str
    inputs: Inputs

    def physical_name(self, property: str = "name") -> str:
        """The name in AWS: the name the program specifies, or the resource name with a suffix, as Pulumi does."""
        given = self.inputs.get(property)
        return str(given) if given else f"{self.name}-{hashlib.sha256(self.urn.encode()).hexdigest()[:7]}"


class Created(NamedTuple):
    """A created resource: its ID, and its outputs that are not inputs."""

    id: str
    outputs: dict[str, Any]


Creator = Callable[[Aws, Planned], Created]

CREATORS: dict[str, Creator] = {}
"""The function that creates a resource, by type token."""

SKIPPED: dict[str, str] = {}
"""Why a resource is skipped, by type token: what the emulator does not support."""


def creates(type: str) -> Callable[[Creator], Creator]:
    """Register the function that creates resources of a type."""

    def register(create: Creator) -> Creator:
        CREATORS[type] = create
        return create

    return register


def pascal(value: Any) -> Any:
    """Convert keys recursively to the case of most AWS APIs: `minimumLength` -> `MinimumLength`."""
    if isinstance(value, Mapping):
        return {key[:1].upper() + key[1:]: pascal(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [pascal(item) for item in value]
    return value
