"""The project's stacks: how dev and prod differ, and that stacks do not collide."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, NamedTuple

import pulumi_aws as aws
import pytest
import yaml

from local.project import Project, load_project
from tests.components.recorder import (
    ROOT,
    STACK_TYPE,
    Recorded,
    Recording,
    comparable,
    record_project,
    recorded_stack,
    stack_project,
)
from tests.components.test_program import FIXED_NAMES, by_type

DOCUMENT = ROOT / "docs" / "stacks.md"

ABSENT, ANYTHING = "-", "*"

LONGEST_CELL = 40
"""Longer values are shown as `*`."""

ON_AWS = sorted({path.suffixes[0][1:] for path in ROOT.glob("Pulumi.*.yaml")} - {"local"})

WITHIN_A_PARENT = {
    (aws.appsync.ChannelNamespace, "name"),
    (aws.apigateway.Stage, "stageName"),
    (aws.cognito.ResourceServer, "identifier"),
    (aws.cognito.ResourceServer, "name"),
    (aws.cognito.UserGroup, "name"),
}
"""Names that are unique only within one API or one user pool."""


class Row(NamedTuple):
    """A difference: the resource (see `label`), the property, and the values in dev and prod."""

    resource: str
    property: str
    dev: str
    prod: str

    def __str__(self) -> str:
        return f"| {' | '.join(f'`{cell}`' for cell in self)} |"

    def covers(self, other: "Row") -> bool:
        """Whether this row of the document describes a difference."""
        return all(fnmatchcase(cell, pattern) for cell, pattern in zip(other, self, strict=True))


def documented() -> list[Row]:
    """The rows of the document's table."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    cells = [re.findall(r"`([^`]*)` *(?=\|)", line) for line in lines if line.startswith("| `")]
    return [Row(*found[:4]) for found in cells]


@cache
def prod_as_dev() -> Recording:
    """The program with prod's config and dev's name, so that all names and IDs are dev's."""
    project = stack_project("prod")
    return record_project(Project(ROOT, project.name, "dev", project.config))


def differences(dev: Recording, prod: Recording) -> Iterator[Row]:
    """All differences between two recordings of one stack."""
    ours, theirs = ({r.urn: r for r in recording.resources} for recording in (dev, prod))
    for urn in [*ours, *(theirs.keys() - ours.keys())]:
        one, other = ours.get(urn), theirs.get(urn)
        if one is None or other is None:
            present = one or other
            assert present is not None
            yield Row(label(present), ABSENT, *("present" if each else ABSENT for each in (one, other)))
            continue
        before, after = flat(one), flat(other)
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key):
                yield Row(label(one), key, cell(before.get(key)), cell(after.get(key)))
    for name in sorted(dev.outputs.keys() ^ prod.outputs.keys()):
        yield Row(f"output {name}", ABSENT, *("present" if name in each.outputs else ABSENT for each in (dev, prod)))


def label(resource: Recorded) -> str:
    """The SDK's type and the program's name, such as `dynamodb.Table pipeline-orders`."""
    _, module, kind = resource.type.split(":")
    return f"{module.partition('/')[0]}.{kind} {resource.name.removeprefix('cafe-dev-')}"


def flat(resource: Recorded) -> dict[str, Any]:
    """A resource's inputs and Pulumi options by path, such as `environment.variables.A`."""
    found: dict[str, Any] = {}

    def walk(path: str, value: Any) -> None:
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
        if items is None:
            found[path] = value
        for key, item in items or ():
            walk(f"{path}.{key}".lstrip("."), item)

    walk("", comparable(resource.inputs))
    return {**found, "(protect)": resource.protect, "(retain on delete)": resource.retained}


def cell(value: Any) -> str:
    """A value as written in the document."""
    if value is None:
        return ABSENT
    text = str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= LONGEST_CELL else ANYTHING


def test_the_document_lists_every_difference_between_dev_and_prod() -> None:
    rows = documented()
    found = list(differences(recorded_stack("dev"), prod_as_dev()))
    missing = sorted({str(row) for row in found if not any(each.covers(row) for each in rows)})

    assert missing == [], f"{DOCUMENT.name} lacks:\n" + "\n".join(missing)


def test_every_row_of_the_document_describes_a_difference() -> None:
    found = list(differences(recorded_stack("dev"), prod_as_dev()))
    unused = [str(row) for row in documented() if not any(row.covers(each) for each in found)]

    assert unused == [], f"{DOCUMENT.name} has rows without a difference:\n" + "\n".join(unused)


def test_a_stacks_name_changes_only_names() -> None:
    def shape(recording: Recording) -> set[tuple[Any, ...]]:
        stack = recording.project.stack
        return {
            (r.type, r.name.removeprefix(f"cafe-{stack}-"), r.protect, r.retained, *flat(r))
            for r in recording.resources
            if r.type != STACK_TYPE
        }

    assert shape(recorded_stack("prod")) == shape(prod_as_dev())


def test_dev_and_prod_share_no_name() -> None:
    dev, prod = recorded_stack("dev"), recorded_stack("prod")
    ours, theirs = (
        {
            (r.type, key, r[key])
            for r in recording.custom
            for kind, key in by_type(FIXED_NAMES.keys() - WITHIN_A_PARENT)
            if r.type == kind and key in r.inputs
        }
        for recording in (dev, prod)
    )

    assert {r.name for r in dev.resources} & {r.name for r in prod.resources} == set()
    # Identity pool names need not be unique.
    assert {(kind, key) for kind, key, _ in ours & theirs} <= by_type([(aws.cognito.IdentityPool, "identityPoolName")])


def test_prod_protects_user_data() -> None:
    prod = recorded_stack("prod", workflow=True)
    tables = {table.name: table for table in prod.of(aws.dynamodb.Table)}
    # Idempotency records of the last two days.
    del tables["cafe-prod-pipeline-notifications"]

    # Both Pulumi and AWS refuse to delete the tables.
    assert {(t.protect, t["deletionProtectionEnabled"]) for t in tables.values()} == {(True, True)}
    assert {t["pointInTimeRecovery"]["enabled"] for t in tables.values()} == {True}
    pool = prod.one(aws.cognito.UserPool)
    assert (pool.protect, pool["deletionProtection"]) == (True, "ACTIVE")
    assert {bucket.protect for bucket in prod.of(aws.s3.Bucket)} == {True}


@pytest.mark.parametrize("stack", ON_AWS)
def test_every_stack_on_aws_has_cost_allocation_tags(stack: str) -> None:
    # The provider adds them to every taggable resource.
    tags = yaml.safe_load(load_project(ROOT, stack).config["aws:defaultTags"])["tags"]

    assert tags == {"project": "cafe", "stack": stack}
