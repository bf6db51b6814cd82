"""Compares what a program asks for with what exists, as Pulumi's engine and its AWS provider do."""

import hashlib
import re
from collections.abc import Collection, Mapping
from enum import StrEnum
from itertools import count
from typing import Any, NamedTuple

from .resources import Provider
from .values import unknown

GENERATED = re.compile(r"-[0-9a-f]{7}(\.fifo)?")
"""The suffix of a generated name."""


class Operation(StrEnum):
    """What a deployment does with a resource."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"


class Change(NamedTuple):
    """An operation, and the inputs that are the reason for it: `+` added, `~` changed, `-` removed."""

    operation: Operation
    properties: dict[str, str]


def compare(
    provider: Provider, old: Mapping[str, Any], new: Mapping[str, Any], replace_on: Collection[str] = ()
) -> Change:
    """The change from `old` to `new` inputs. `replace_on`: more inputs whose change replaces the resource."""
    properties = changed_properties(old, new)
    if not properties:
        return Change(Operation.SAME, properties)
    # An operation that changes what it is given leaves what it is not given as it is.
    if not provider.resets_removed and "-" in properties.values():
        return Change(Operation.REPLACE, properties)
    if provider.immutable or properties.keys() & {*provider.replace_on, *replace_on}:
        return Change(Operation.REPLACE, properties)
    return Change(Operation.UPDATE, properties)


def changed_properties(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """The properties that differ: `+` added, `~` changed, `-` removed. An unknown value counts as changed."""
    before = {key: value for key, value in old.items() if value is not None}
    after = {key: value for key, value in new.items() if value is not None}
    signs = {
        **dict.fromkeys(before.keys() - after.keys(), "-"),
        **dict.fromkeys(after.keys() - before.keys(), "+"),
        **{key: "~" for key in before.keys() & after.keys() if before[key] != after[key] or unknown(after[key])},
    }
    return dict(sorted(signs.items()))


def with_name(
    provider: Provider, resource: str, urn: str, inputs: Mapping[str, Any], old: Mapping[str, Any]
) -> dict[str, Any]:
    """The inputs with the resource's name in AWS: the program's, else the one generated earlier, else a new one."""
    key = provider.name
    if key is None or inputs.get(key):
        return dict(inputs)
    stem = name_stem(provider, resource, inputs)
    kept = old.get(key) if is_generated(stem, old.get(key)) else None
    return {**inputs, key: kept or generated_name(stem, urn, suffix=name_suffix(inputs))}


def name_stem(provider: Provider, resource: str, inputs: Mapping[str, Any]) -> str:
    """What a generated name begins with: the resource's name in the program, or the prefix that the program sets."""
    prefix = inputs.get(f"{provider.name}Prefix")
    return str(prefix).rstrip("-") if prefix else resource


def name_suffix(inputs: Mapping[str, Any]) -> str:
    """What a generated name ends with: AWS demands `.fifo` of FIFO queues and topics."""
    return ".fifo" if inputs.get("fifoQueue") or inputs.get("fifoTopic") else ""


def is_generated(stem: str, name: object) -> bool:
    """Whether a name in AWS was generated from a stem."""
    return isinstance(name, str) and name.startswith(stem) and bool(GENERATED.fullmatch(name[len(stem) :]))


def generated_name(stem: str, urn: str, taken: Collection[str] = (), *, suffix: str = "") -> str:
    """The stem with a suffix, as in Pulumi; the same for the same URN unless it is taken."""
    numbers = (hashlib.sha256(f"{urn}{'+' * n}".encode()).hexdigest()[:7] for n in count())
    return next(name for number in numbers if (name := f"{stem}-{number}{suffix}") not in taken)
