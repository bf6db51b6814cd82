"""Policy documents, read the way that IAM reads them: as far as the program's own go."""

import json
import re
from collections.abc import Iterable
from typing import Any

Statement = dict[str, Any]


def document(*statements: Statement) -> str:
    """A policy document of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def statements(document: str) -> list[Statement]:
    """The statements of a policy document."""
    return listed(json.loads(document)["Statement"])


def listed(value: Any) -> list[Any]:
    """IAM takes one text for a list of one."""
    return value if isinstance(value, list) else [value]


def actions(statement: Statement) -> list[str]:
    """What a statement names; nothing where it is about all but what it names."""
    return listed(statement.get("Action", []))


def resources(statement: Statement) -> list[str]:
    """On what; nothing where it is about all but what it names."""
    return listed(statement.get("Resource", []))


def condition_keys(statement: Statement) -> set[str]:
    """What a statement's conditions ask for, in lower case: keys know none."""
    return {key.lower() for asked in statement.get("Condition", {}).values() for key in asked}


def allowed(statements: Iterable[Statement]) -> list[Statement]:
    """The statements that allow something."""
    return [statement for statement in statements if statement["Effect"] == "Allow"]


def matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Whether an IAM pattern covers a text. A text that is a pattern itself is covered if all it stands for is."""
    regex = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(regex, text, re.IGNORECASE if ignore_case else 0) is not None


def covers(statement: Statement, action: str, resource: str) -> bool:
    """Whether a statement is about an action on a resource."""
    # The names of actions know no case.
    return any(matches(each, action, ignore_case=True) for each in actions(statement)) and any(
        matches(each, resource) for each in resources(statement)
    )


def permits(statements: Iterable[Statement], action: str, resource: str) -> bool:
    """Whether the statements allow an action whatever the circumstances: one with a condition allows nothing here, and
    denies all the same."""
    found = [statement for statement in statements if covers(statement, action, resource)]
    return any(s["Effect"] == "Allow" and "Condition" not in s for s in found) and not any(
        s["Effect"] == "Deny" for s in found
    )
