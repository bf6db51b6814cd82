"""The stacks of the project beside one another: what only one of them has, and that none is in another's way."""

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
"""Longer values are left to the program: `*`."""

ON_AWS = sorted({path.suffixes[0][1:] for path in ROOT.glob("Pulumi.*.yaml")} - {"local"})

WITHIN_A_PARENT = {
    (aws.apigateway.Authorizer, "name"),
    (aws.apigateway.Model, "name"),
    (aws.apigateway.RequestValidator, "name"),
    (aws.apigateway.Stage, "stageName"),
    (aws.cognito.ResourceServer, "identifier"),
    (aws.cognito.ResourceServer, "name"),
    (aws.cognito.UserGroup, "name"),
}
"""Names that are names in one API or in one user pool only."""


class Row(NamedTuple):
    """A difference: of which resource (see `label`), of which property, dev's, prod's."""

    resource: str
    property: str
    dev: str
    prod: str

    def __str__(self) -> str:
        return f"| {' | '.join(f'`{cell}`' for cell in self)} |"

    def covers(self, other: "Row") -> bool:
        """Whether this row of the document is about that difference."""
        return all(fnmatchcase(cell, pattern) for cell, pattern in zip(other, self, strict=True))


def documented() -> list[Row]:
    """The rows of the document's table: its lines with four cells of code."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    cells = [re.findall(r"`([^`]*)` *(?=\|)", line) for line in lines if line.startswith("| `")]
    return [Row(*found[:4]) for found in cells]


@cache
def prod_as_dev() -> Recording:
    """The program with prod's config under dev's name, so that all other names and ids are dev's."""
    project = stack_project("prod")
    return record_project(Project(ROOT, project.name, "dev", project.config))


def differences(dev: Recording, prod: Recording) -> Iterator[Row]:
    """Everything in which two recordings of one stack differ."""
    ours, theirs = ({r.urn: r for r in recording.resources} for recording in (dev, prod))
    for urn in [*ours, *(theirs.keys() - ours.keys())]:
        one, other = ours.get(urn), theirs.get(urn)
        if one is None or other is None:
            there = one or other
            assert there is not None
            yield Row(label(there), ABSENT, *("there" if each else ABSENT for each in (one, other)))
            continue
        before, after = flat(one), flat(other)
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key):
                yield Row(label(one), key, cell(before.get(key)), cell(after.get(key)))
    for name in sorted(dev.outputs.keys() ^ prod.outputs.keys()):
        yield Row(f"output {name}", ABSENT, *("there" if name in each.outputs else ABSENT for each in (dev, prod)))


def label(resource: Recorded) -> str:
    """`dynamodb.Table pipeline-orders`, as the SDK and the program call it."""
    _, module, kind = resource.type.split(":")
    return f"{module.partition('/')[0]}.{kind} {resource.name.removeprefix('cafe-dev-')}"


def flat(resource: Recorded) -> dict[str, Any]:
    """A resource's inputs and Pulumi's own options, by paths such as `environment.variables.A`."""
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
    """A value as the document has it."""
    if value is None:
        return ABSENT
    text = str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= LONGEST_CELL else ANYTHING


def test_prod_differs_from_dev_in_what_the_document_says() -> None:
    rows = documented()
    found = list(differences(recorded_stack("dev"), prod_as_dev()))
    missing = sorted({str(row) for row in found if not any(each.covers(row) for each in rows)})

    assert missing == [], f"{DOCUMENT.name} lacks:\n" + "\n".join(missing)


def test_the_document_says_nothing_that_is_not_so() -> None:
    found = list(differences(recorded_stack("dev"), prod_as_dev()))
    idle = [str(row) for row in documented() if not any(row.covers(each) for each in found)]

    assert idle == [], f"{DOCUMENT.name} has rows about nothing:\n" + "\n".join(idle)


def test_a_stacks_name_makes_no_difference_but_in_names() -> None:
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
    # Identity pools may share theirs.
    assert {(kind, key) for kind, key, _ in ours & theirs} <= by_type([(aws.cognito.IdentityPool, "identityPoolName")])


def test_what_holds_peoples_data_is_protected_in_prod() -> None:
    prod = recorded_stack("prod", workflow=True)
    tables = {table.name: table for table in prod.of(aws.dynamodb.Table)}
    # What was sent to the topic in the last two days.
    del tables["cafe-prod-pipeline-notifications"]

    # By Pulumi, which refuses to delete it, and by AWS, which refuses everybody.
    assert {(t.protect, t["deletionProtectionEnabled"]) for t in tables.values()} == {(True, True)}
    assert {t["pointInTimeRecovery"]["enabled"] for t in tables.values()} == {True}
    pool = prod.one(aws.cognito.UserPool)
    assert (pool.protect, pool["deletionProtection"]) == (True, "ACTIVE")
    assert {bucket.protect for bucket in prod.of(aws.s3.Bucket)} == {True}


@pytest.mark.parametrize("stack", ON_AWS)
def test_everything_on_aws_has_tags_to_tell_its_cost_by(stack: str) -> None:
    # The provider puts them on every resource that can have tags.
    tags = yaml.safe_load(load_project(ROOT, stack).config["aws:defaultTags"])["tags"]

    assert tags == {"project": "cafe", "stack": stack}
