"""The permissions of a resource."""

from policy.documents import Statement, statements
from policy.kinds import ROLE, ROLE_POLICY
from policy.rule import Resource, Stack


def policies(resource: Resource, name: str, stack: Stack) -> list[Resource]:
    """Return the policies of the role that a property of the resource names."""
    return [policy for role in stack.sources(resource, name, ROLE) for policy in stack.users(role, ROLE_POLICY, "role")]


def granted(resource: Resource, name: str, stack: Stack) -> list[Statement]:
    """Return the statements of the policies of that role."""
    return [statement for policy in policies(resource, name, stack) for statement in statements(policy["policy"])]
