"""The resource types that can be made here, and what it takes to say how."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ops.emulator_client import Aws


class Inputs(Mapping[str, Any]):
    """A resource's inputs by their names in Pulumi's schema. Remembers which were read: what nobody read would be
    missing from what is made, and must not go unnoticed."""

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
        """The names of inputs that have a value and that nobody has asked for."""
        return sorted(key for key, value in self._values.items() if key not in self._read and value is not None)

    def only(self, **names: str) -> dict[str, Any]:
        """The inputs of these names that have a value, under other names: `only(timeout="Timeout")`."""
        return {to: self[key] for key, to in names.items() if self.get(key) is not None}


@dataclass(frozen=True)
class Planned:
    """A resource that the program registered."""

    urn: str
    type: str
    name: str
    inputs: Inputs

    def physical_name(self, property: str = "name") -> str:
        """The name in AWS: the one that the program gives, or its own with a suffix, as Pulumi does it."""
        given = self.inputs.get(property)
        return str(given) if given else f"{self.name}-{hashlib.sha256(self.urn.encode()).hexdigest()[:7]}"


class Made(NamedTuple):
    """A resource that was made: its id, and those of its outputs that are not inputs."""

    id: str
    outputs: dict[str, Any]


Creator = Callable[[Aws, Planned], Made]

CREATORS: dict[str, Creator] = {}
"""By type token, how a resource is made."""

SKIPPED: dict[str, str] = {}
"""By type token, why a resource is passed over: what the emulator cannot do."""


def creates(type: str) -> Callable[[Creator], Creator]:
    """Register a function as the one that makes resources of a type."""

    def register(create: Creator) -> Creator:
        CREATORS[type] = create
        return create

    return register


def pascal(value: Any) -> Any:
    """Names as most AWS APIs write them, all the way down: `minimumLength` -> `MinimumLength`."""
    if isinstance(value, Mapping):
        return {key[:1].upper() + key[1:]: pascal(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [pascal(item) for item in value]
    return value
