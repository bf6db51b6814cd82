import pulumi
import pytest

from components.blocks.names import MAX_PREFIX_CHARACTERS, make_prefix
from local.project import Project
from policy.rule import Stack, all_violations
from policy.rules.names import aws_accepts_the_name
from tests.components.recorder import CONFIGURED, record_project, stack_project
from tests.policy.stacks import resource

LONGEST = MAX_PREFIX_CHARACTERS - len("cafe-")


@pytest.mark.parametrize("stack", ["dev", "d", "feature-42", "2026", "a" * LONGEST])
def test_a_prefix_is_the_project_and_the_stack(stack):
    assert make_prefix("cafe", stack) == f"cafe-{stack}"


@pytest.mark.parametrize(
    "stack",
    ["a" * (LONGEST + 1), "feature_x", "v1.2", "Dev", "-dev", "dev-", "café", "", "laws", "my-amazon", "cognito"],
)
def test_a_stack_whose_name_aws_would_refuse_is_refused_in_one_line(stack):
    with pytest.raises(pulumi.RunError) as refused:
        make_prefix("cafe", stack)

    assert str(refused.value) == (
        f"stack name: expected 1 to {LONGEST} lowercase letters, digits or hyphens, with no hyphen at the start or "
        f"end, and none of aws, amazon, cognito in it, got {stack!r}"
    )


def test_a_longer_project_leaves_less_for_the_stack():
    assert make_prefix("bakery", "a" * (LONGEST - 2))
    with pytest.raises(pulumi.RunError, match="expected 1 to 11 lowercase letters"):
        make_prefix("bakery", "a" * (LONGEST - 1))


@pytest.mark.parametrize("config", [{"workflow": "true"}, CONFIGURED], ids=["workflow", "every optional part"])
def test_with_the_longest_stack_name_all_names_are_accepted(config):
    dev = stack_project("dev", {f"cafe:{key}": value for key, value in config.items()})
    recorded = record_project(Project(dev.root, dev.name, "a" * LONGEST, dev.config), preview=True)

    stack = Stack(resource(each, created=False) for each in recorded.resources)

    assert [violation.message for violation in all_violations(aws_accepts_the_name, stack)] == []
