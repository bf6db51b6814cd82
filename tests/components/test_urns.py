"""A resource that gets another URN is deleted and created again, unless an alias says what it was."""

import pulumi
import pulumi_aws as aws

from tests.components.recorder import record
from tests.components.released_urns import FILE, STACKS, present, recorded


def test_every_urn_of_the_last_release_is_kept_or_has_an_alias() -> None:
    released = set(FILE.read_text(encoding="utf-8").split("\n")) - {""}
    known = {
        present(stack, urn)
        for stack in STACKS
        for resource in recorded(stack).resources
        for urn in (resource.urn, *resource.aliases)
    }

    assert len(released) > 250
    assert sorted(released - known) == [], "add an alias to the resource that was renamed"


def test_an_alias_keeps_the_urn_of_a_renamed_resource() -> None:
    before = record(lambda: aws.sqs.Queue("old"))
    after = record(lambda: aws.sqs.Queue("new", opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="old")])))

    assert before.resources[-1].urn in after.resources[-1].aliases
