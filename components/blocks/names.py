"""Names of config keys, stack outputs and resources."""

import re

import pulumi


def camel_case(name: str) -> str:
    """`orderRetentionDays` for `order_retention_days`."""
    first, *others = name.split("_")
    return "".join([first, *(word.capitalize() for word in others)])


MAX_PREFIX_CHARACTERS = 18
"""The longest prefix with which all names fit AWS's limits: a role's name has at most 64 characters, and the longest is
the prefix and `-pipeline-workflow-refund-payment-role-1234567` (tests/components/blocks/test_names.py)."""

RESERVED = ("aws", "amazon", "cognito")
"""What the domain of hosted sign-in pages must not contain (Cognito developer guide, "Amazon Cognito domains")."""


def make_prefix(project: str, stack: str) -> str:
    """The prefix of all names, `<project>-<stack>`. Raises `pulumi.RunError` for a stack whose name AWS would refuse in
    the name of a bucket, a role or a domain."""
    prefix, longest = f"{project}-{stack}", MAX_PREFIX_CHARACTERS - len(project) - 1
    if (
        not re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", stack)
        or len(stack) > longest
        or any(word in prefix for word in RESERVED)
    ):
        raise pulumi.RunError(
            f"stack name: expected 1 to {longest} lowercase letters, digits or hyphens, with no hyphen at the start or "
            f"end, and none of {', '.join(RESERVED)} in it, got {stack!r}"
        )
    return prefix
