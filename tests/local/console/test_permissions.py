"""What functions were granted, used and denied."""

from types import SimpleNamespace

from local.console.graph import Grant
from local.console.permissions import advice, line, permissions
from local.recorder import usage as module
from local.recorder.usage import Usage
from tests.local.recorder.records import TABLE, call

GRAPH = SimpleNamespace(
    roles={"accept-role": "cafe-local-accept", "other-role": "cafe-local-other"},
    grants=[
        Grant("cafe-local-accept", ("dynamodb:PutItem", "dynamodb:GetItem"), (TABLE,)),
        Grant("cafe-local-accept", ("s3:GetObject",), ("arn:aws:s3:::photos/*",)),
        Grant("cafe-local-accept", ("logs:PutLogEvents",), ("*",)),
        Grant("cafe-local-accept", ("sqs:SendMessage",), ("arn:failures",)),
    ],
    failures={("cafe-local-accept", "arn:failures")},
    label=lambda node: node.removeprefix("cafe-local-"),
)


def asked(*calls):
    usage = Usage()
    for each in calls:
        usage.add(each)
    return usage


def test_each_grant_says_how_often_it_was_used():
    usage = asked(call(1), call(2), call(3, "s3:GetObject", "arn:aws:s3:::photos/a/b.png"))
    [accept, other] = permissions(GRAPH, usage)
    assert [(it["action"], it["used"]) for it in accept["grants"]] == [
        ("dynamodb:PutItem", 2),
        ("dynamodb:GetItem", 0),
        ("s3:GetObject", 1),
        ("logs:PutLogEvents", 0),
        ("sqs:SendMessage", 0),
    ]
    assert [it["isLambdas"] for it in accept["grants"]] == [False, False, False, True, True]
    assert other["grants"] == []


def test_a_denied_call_tells_the_grant_that_is_missing():
    usage = asked(
        call(1, "sns:Publish", "arn:news", is_allowed=False), call(2, "sns:Publish", "arn:news", is_allowed=False)
    )
    [denied] = permissions(GRAPH, usage)[0]["denied"]
    assert (denied["action"], denied["resource"], denied["times"], denied["records"]) == (
        "sns:Publish",
        "arn:news",
        2,
        [1, 2],
    )
    assert denied["line"] == '{"actions": ["sns:Publish"], "resources": ["arn:news"]}'
    assert "add this to the function's grants" in denied["advice"]


def test_functions_that_were_denied_something_come_first():
    graph = SimpleNamespace(**{**GRAPH.__dict__, "roles": {"a-role": "cafe-local-a", **GRAPH.roles}})
    found = permissions(graph, asked(call(1, is_allowed=False)))
    assert [it["function"] for it in found] == ["accept", "a", "other"]


def test_advice_depends_on_what_denied_it():
    assert "permissions boundary does not allow" in advice("boundary", "a:B", is_explicit=False)
    assert advice("identity", "a:B", is_explicit=True) == (
        "A statement of the identity policy denies a:B: remove or narrow it."
    )
    assert advice("session", "a:B", is_explicit=False) == "The policy of the session does not allow it."
    assert line("a:B", "arn") == '{"actions": ["a:B"], "resources": ["arn"]}'


def test_a_denial_is_over_once_the_same_is_allowed():
    fixed = asked(call(1, is_allowed=False), call(2))
    assert permissions(GRAPH, fixed)[0]["denied"] == []
    again = asked(call(1), call(2, is_allowed=False), call(3, is_allowed=False))
    assert [it["times"] for it in permissions(GRAPH, again)[0]["denied"]] == [2]


def test_only_a_missing_grant_has_a_line():
    [denied] = permissions(GRAPH, asked(call(1, is_allowed=False, layer="boundary")))[0]["denied"]
    assert (denied["line"], "boundary" in denied["advice"]) == ("", True)


def test_questions_are_counted_up_to_a_number(monkeypatch):
    monkeypatch.setattr(module, "MOST", 10)
    usage = asked(*(call(n, "s3:GetObject", f"arn:aws:s3:::photos/{n}") for n in range(100)))
    assert [it.verdict.resource[-2:] for it in usage.of("accept-role")] == [str(n) for n in range(90, 100)]
