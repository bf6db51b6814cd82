"""Evaluate IAM policy documents, as far as this program uses them."""

import json
import re
from collections.abc import Iterable
from typing import Any

Statement = dict[str, Any]


def document(*statements: Statement) -> str:
    """Return a policy document, as JSON, with these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def statements(document: str) -> list[Statement]:
    """Return the statements of a policy document in JSON."""
    return listed(json.loads(document)["Statement"])


def listed(value: Any) -> list[Any]:
    """Return the value as a list: IAM accepts a single string in place of a list of one."""
    return value if isinstance(value, list) else [value]


def actions(statement: Statement) -> list[str]:
    """Return the statement's `Action`; empty if it has a `NotAction`."""
    return listed(statement.get("Action", []))


def resources(statement: Statement) -> list[str]:
    """Return the statement's `Resource`; empty if it has a `NotResource`."""
    return listed(statement.get("Resource", []))


def condition_keys(statement: Statement) -> set[str]:
    """Return the keys of a statement's conditions in lowercase, as they are case-insensitive."""
    return {key.lower() for asked in statement.get("Condition", {}).values() for key in asked}


def allowed(statements: Iterable[Statement]) -> list[Statement]:
    """Return the statements with the effect `Allow`."""
    return [statement for statement in statements if statement["Effect"] == "Allow"]


def matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Whether an IAM pattern matches a text. If the text is a pattern, all that it covers must match."""
    regex = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(regex, text, re.IGNORECASE if ignore_case else 0) is not None


def covers(statement: Statement, action: str, resource: str) -> bool:
    """Whether a statement applies to an action on a resource."""
    # Action names are case-insensitive.
    return any(matches(each, action, ignore_case=True) for each in actions(statement)) and any(
        matches(each, resource) for each in resources(statement)
    )


def permits(
    statements: Iterable[Statement], action: str, resource: str, condition: dict[str, Any] | None = None
) -> bool:
    """Whether the statements allow an action under a condition, by default unconditionally. An `Allow` with another
    condition does not count, a conditional `Deny` does."""
    found = [statement for statement in statements if covers(statement, action, resource)]
    return any(s["Effect"] == "Allow" and s.get("Condition") in (None, condition) for s in found) and not any(
        s["Effect"] == "Deny" for s in found
    )
