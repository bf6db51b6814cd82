"""The matcher of policy documents, which other tests rely on."""

import pytest

from policy.documents import matches, permits

READ = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::bucket/*"}
DENY = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("a*", "a"), ("a*", "abc"), ("a?c", "abc"), ("*", ""), ("t/x-*", "t/x-1/stream/*"), ("[a]", "[a]")],
)
def test_covers(pattern: str, text: str) -> None:
    assert matches(pattern, text)


@pytest.mark.parametrize(("pattern", "text"), [("a", "ab"), ("a*", "b"), ("a?", "a"), ("t/x-1", "t/x-*"), ("[a]", "a")])
def test_does_not_cover(pattern: str, text: str) -> None:
    assert not matches(pattern, text)


def test_actions_are_case_insensitive_and_resources_case_sensitive() -> None:
    assert permits([READ], "S3:getobject", "arn:aws:s3:::bucket/a")
    assert not permits([READ], "s3:GetObject", "arn:aws:s3:::BUCKET/a")


def test_only_named_actions_are_allowed() -> None:
    assert not permits([READ], "s3:PutObject", "arn:aws:s3:::bucket/a")
    assert not permits([], "s3:GetObject", "arn:aws:s3:::bucket/a")


def test_deny_overrides_allow() -> None:
    assert not permits([READ, DENY], "s3:GetObject", "arn:aws:s3:::bucket/a")


def test_conditions_are_ignored_for_deny_and_never_met_for_allow() -> None:
    condition = {"Condition": {"StringEquals": {"a": "b"}}}

    assert not permits([{**READ, **condition}], "s3:GetObject", "arn:aws:s3:::bucket/a")
    assert not permits([READ, {**DENY, **condition}], "s3:GetObject", "arn:aws:s3:::bucket/a")
