"""Policy documents, read the way that IAM reads them: as far as the program's own go."""

import json
import re
from collections.abc import Iterable
from typing import Any

from tests.components.recorder import Recorded

Statement = dict[str, Any]


def listed(value: Any) -> list[Any]:
    """IAM takes one text for a list of one."""
    return value if isinstance(value, list) else [value]


def statements(resource: Recorded, property: str = "policy") -> list[Statement]:
    """The statements of a resource's policy document."""
    return listed(json.loads(resource[property])["Statement"])


def allowed(statements: Iterable[Statement]) -> list[Statement]:
    return [statement for statement in statements if statement["Effect"] == "Allow"]


def matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Whether an IAM pattern covers a text. A text that is a pattern itself is covered if all it stands for is."""
    regex = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(regex, text, re.IGNORECASE if ignore_case else 0) is not None


def covers(statement: Statement, action: str, resource: str) -> bool:
    # The names of actions know no case.
    return any(matches(each, action, ignore_case=True) for each in listed(statement["Action"])) and any(
        matches(each, resource) for each in listed(statement["Resource"])
    )


def permits(statements: Iterable[Statement], action: str, resource: str) -> bool:
    """Whether the statements allow an action whatever the circumstances: one with a condition allows nothing here, and
    denies all the same."""
    found = [statement for statement in statements if covers(statement, action, resource)]
    return any(s["Effect"] == "Allow" and "Condition" not in s for s in found) and not any(
        s["Effect"] == "Deny" for s in found
    )
