"""Comparing a program with what exists. The resources are real ones, recorded as if a deployment had made them."""

from dataclasses import replace

import pytest

from local import engine
from local.changes import Operation
from local.errors import UserError
from local.resources import PROVIDERS, SKIPPED, Existing
from local.state import Resource, State
from tests.local.conftest import program

QUEUE = "aws:sqs/queue:Queue"


def urn(token, name):
    return f"urn:pulumi:test::tiny::pulumi:pulumi:Stack${token}::{name}"


def deployed(*resources):
    """The state after a deployment of resources: type, name, inputs, outputs."""
    state = State()
    for token, name, inputs, outputs in resources:
        existing = Existing(f"id-of-{name}", inputs, outputs)
        state.resources[urn(token, name)] = Resource(urn(token, name), token, name, existing)
    return state


def steps(project, state):
    """The operation and the changed properties of each resource that would change, by name."""
    return {step.resource.name: step.change for step in engine.preview(project, state).changes}


def test_a_preview_lists_every_resource_with_its_parent(tmp_path):
    project = program(
        tmp_path,
        'c = pulumi.ComponentResource("a:b:C", "c")\naws.sqs.Queue("q", opts=pulumi.ResourceOptions(parent=c))',
    )

    resources = {resource.name: resource for resource in engine.preview(project).resources}

    assert resources["q"].parent == resources["c"].urn
    assert (resources["q"].custom, resources["c"].custom) == (True, False)


def test_a_plan_with_an_unknown_type_is_refused_by_name():
    registered = [engine.Registered("urn", "", "aws:glue/job:Job", "etl", custom=True)]

    with pytest.raises(UserError, match=r"does not support the resource type aws:glue/job:Job \(etl\)"):
        engine.Plan(registered, [], {}).check()


def test_a_component_of_any_type_is_allowed():
    engine.Plan([engine.Registered("urn", "", "my:own:Component", "c", custom=False)], [], {}).check()


def test_an_unsupported_type_is_skipped_with_the_reason(tmp_path, monkeypatch):
    monkeypatch.setitem(SKIPPED, QUEUE, "there is no queue here")
    monkeypatch.delitem(PROVIDERS, QUEUE)

    plan = engine.preview(program(tmp_path, 'aws.sqs.Queue("q")'))
    plan.check()

    assert plan.skipped() == {QUEUE: "there is no queue here"}
    assert plan.steps == []


def test_two_resources_with_the_same_name_are_refused(tmp_path):
    body = 'aws.sqs.Queue("q")\naws.sqs.Queue("q")'

    with pytest.raises(UserError, match=r"two resources have the type aws:sqs/queue:Queue and the name q: rename one"):
        engine.preview(program(tmp_path, body))


def test_without_a_state_everything_is_created(tmp_path):
    assert steps(program(tmp_path, 'aws.sqs.Queue("q")'), None) == {"q": (Operation.CREATE, {})}


def test_what_stays_the_same_is_no_change(tmp_path):
    state = deployed((QUEUE, "q", {"name": "mine"}, {}))

    plan = engine.preview(program(tmp_path, 'aws.sqs.Queue("q", name="mine")'), state)

    assert plan.changes == []
    assert len(plan.steps) == 1


def test_changes_name_their_properties(tmp_path):
    state = deployed((QUEUE, "q", {"name": "mine", "maxMessageSize": 1, "visibilityTimeoutSeconds": 5}, {}))
    body = 'aws.sqs.Queue("q", name="mine", max_message_size=2, message_retention_seconds=60)'

    assert steps(program(tmp_path, body), state)["q"] == (
        Operation.UPDATE,
        {"maxMessageSize": "~", "messageRetentionSeconds": "+", "visibilityTimeoutSeconds": "-"},
    )


def test_what_the_program_no_longer_has_is_deleted(tmp_path):
    state = deployed((QUEUE, "q", {"name": "mine"}, {}), (QUEUE, "old", {"name": "old"}, {}))

    assert steps(program(tmp_path, 'aws.sqs.Queue("q", name="mine")'), state) == {"old": (Operation.DELETE, {})}


def test_an_update_keeps_the_outputs_that_it_does_not_change(tmp_path):
    subscription = {"topic": "t", "protocol": "sqs", "endpoint": "arn:q"}
    state = deployed(
        (QUEUE, "q", {"name": "mine"}, {"arn": "arn:q"}),
        ("aws:sns/topicSubscription:TopicSubscription", "s", subscription, {}),
    )
    body = """
q = aws.sqs.Queue("q", name="mine", max_message_size=2)
aws.sns.TopicSubscription("s", topic="t", protocol="sqs", endpoint=q.arn)
"""

    assert steps(program(tmp_path, body), state) == {"q": (Operation.UPDATE, {"maxMessageSize": "+"})}


def test_a_change_of_code_makes_the_version_unknown_and_updates_the_alias(tmp_path):
    function = {"name": "f", "role": "r", "publish": True, "timeout": 3}
    alias = {"name": "live", "functionName": "f", "functionVersion": "1"}
    state = deployed(
        ("aws:lambda/function:Function", "f", function, {"version": "1"}),
        ("aws:lambda/alias:Alias", "a", alias, {}),
    )
    body = """
f = aws.lambda_.Function("f", name="f", role="r", publish=True, timeout=%s)
aws.lambda_.Alias("a", name="live", function_name=f.name, function_version=f.version)
"""

    assert steps(program(tmp_path, body % 3), state) == {}
    assert steps(program(tmp_path, body % 4), state) == {
        "f": (Operation.UPDATE, {"timeout": "~"}),
        "a": (Operation.UPDATE, {"functionVersion": "~"}),
    }


def test_another_key_replaces_a_table(tmp_path):
    table = {
        "name": "t",
        "billingMode": "PAY_PER_REQUEST",
        "hashKey": "a",
        "attributes": [{"name": "a", "type": "S"}],
    }
    state = deployed(("aws:dynamodb/table:Table", "t", table, {}))
    body = """
aws.dynamodb.Table(
    "t", name="t", billing_mode="PAY_PER_REQUEST", hash_key="b", attributes=[{"name": "b", "type": "S"}]
)"""

    [step] = engine.preview(program(tmp_path, body), state).changes

    assert step.change == (Operation.REPLACE, {"attributes": "~", "hashKey": "~"})


@pytest.mark.parametrize("body", ["", 'aws.sqs.Queue("q", name="other")'], ids=["deleted", "replaced"])
def test_a_protected_resource_is_neither_deleted_nor_replaced(tmp_path, body):
    state = deployed((QUEUE, "q", {"name": "mine"}, {}))
    [(key, resource)] = state.resources.items()
    state.resources[key] = replace(resource, protect=True)

    with pytest.raises(UserError, match=r"aws:sqs/queue:Queue q is protected and cannot be deleted: deploy it with"):
        engine.preview(program(tmp_path, body), state).check()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('aws.s3.Bucket.get("b", "id")', "aws:s3/bucket:Bucket b: the local run does not support reading existing"),
        (
            'aws.sqs.Queue("q", opts=pulumi.ResourceOptions(import_="x"))',
            "Queue q: the local run does not support `import_`",
        ),
        ("raise SystemExit(3)", r"the program called sys.exit\(3\); it must run to its end"),
        ('pulumi.Output.from_input(1).apply(lambda _: exit("bye"))', r"the program called sys.exit\('bye'\)"),
    ],
)
def test_what_the_local_run_cannot_do_is_refused_in_one_line(tmp_path, body, message):
    with pytest.raises(UserError, match=message):
        engine.preview(program(tmp_path, body))


def test_the_outputs_that_are_known_are_part_of_the_plan(tmp_path):
    body = 'pulumi.export("one", 1)\npulumi.export("url", aws.sqs.Queue("q").url)'

    assert engine.preview(program(tmp_path, body)).outputs == {"one": 1, "url": None}
