"""The matcher that other tests rest on: one that said yes to everything would hide what it is for."""

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


def test_actions_know_no_case_and_resources_do() -> None:
    assert permits([READ], "S3:getobject", "arn:aws:s3:::bucket/a")
    assert not permits([READ], "s3:GetObject", "arn:aws:s3:::BUCKET/a")


def test_nothing_is_allowed_that_is_not_named() -> None:
    assert not permits([READ], "s3:PutObject", "arn:aws:s3:::bucket/a")
    assert not permits([], "s3:GetObject", "arn:aws:s3:::bucket/a")


def test_a_denial_wins() -> None:
    assert not permits([READ, DENY], "s3:GetObject", "arn:aws:s3:::bucket/a")


def test_a_condition_takes_an_allowance_back_and_leaves_a_denial() -> None:
    condition = {"Condition": {"StringEquals": {"a": "b"}}}

    assert not permits([{**READ, **condition}], "s3:GetObject", "arn:aws:s3:::bucket/a")
    assert not permits([READ, {**DENY, **condition}], "s3:GetObject", "arn:aws:s3:::bucket/a")
