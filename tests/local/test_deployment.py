"""Applying a program, to fake types and to the emulator."""

import contextlib
import threading
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from local import engine
from local.deployment import Deployment, ResourceFailed, deploy
from local.emulator_client import Aws
from local.errors import UserError
from local.project import load_project
from local.resources import PROVIDERS, SKIPPED, Created, Provider
from local.state import State
from tests.local.conftest import ROOT, TIMEOUT_SECONDS, program, running_emulator, write_program
from tests.local.inventory import inventory

QUEUE = "aws:sqs/queue:Queue"
TOPIC = "aws:sns/topic:Topic"


class NoAws:
    region = "us-east-1"


class Fake(Provider):
    """Records what happens to each resource."""

    name = "name"
    replace_on = frozenset({"name", "fifoQueue", "kmsMasterKeyId"})

    def __init__(self, log):
        self.log = log
        self.refuse = {}
        self.made = 0

    def _do(self, verb, inputs):
        for key in inputs.keys() - {"delaySeconds"}:
            inputs[key]
        name = inputs["name"]
        if error := self.refuse.pop((verb, name.partition("-")[0]), None):
            raise error
        self.log.append((verb, name))

    def create(self, aws, inputs):
        self._do("create", inputs)
        self.made += 1
        return Created(f"id{self.made}", {"arn": f"arn:{inputs['name']}", "url": inputs.get("policy")})

    def update(self, aws, existing, inputs):
        self._do("update", inputs)
        return {}

    def configure(self, aws, id, inputs):
        self._do("configure", inputs)

    def delete(self, aws, existing):
        self._do("delete", existing.inputs)


@pytest.fixture
def fake(monkeypatch):
    """The provider of queues and topics, which keep their order in its log."""
    fake = Fake([])
    fake.configure = lambda *_: None
    monkeypatch.setitem(PROVIDERS, QUEUE, fake)
    monkeypatch.setitem(PROVIDERS, TOPIC, fake)
    return fake


def apply(project, state=None, aws=None):
    return deploy(project, aws or NoAws(), state if state is not None else State())


def refusal(code="Throttled"):
    return ClientError({"Error": {"Code": code, "Message": "not now"}}, "CreateQueue")


class TestCreation:
    def test_resources_are_created_in_parallel(self, tmp_path, fake):
        together = threading.Barrier(3, timeout=TIMEOUT_SECONDS)
        fake.create = lambda aws, inputs: Created(f"{inputs['name']} {together.wait()}", {})

        # A broken barrier would raise.
        apply(program(tmp_path, 'for n in range(3):\n    aws.sqs.Queue(f"q{n}")'))

    def test_a_resource_waits_for_its_dependencies(self, tmp_path, fake):
        body = """
q = aws.sqs.Queue("q", name="q", policy=aws.sns.Topic("t", name="t").arn)
pulumi.export("url", q.url)
"""
        assert apply(program(tmp_path, body)) == {"url": "arn:t"}

    def test_done_is_called_once_for_each_resource(self, tmp_path, fake):
        done = []
        body = 'aws.sqs.Queue("q", name="q")\naws.sns.Topic("t", name="t")'

        deploy(program(tmp_path, body), NoAws(), State(), lambda: done.append(1))

        assert len(done) == 2

    def test_a_skipped_type_is_not_created(self, tmp_path, monkeypatch):
        monkeypatch.setitem(SKIPPED, QUEUE, "there is no queue here")
        monkeypatch.delitem(PROVIDERS, QUEUE)
        state = State()

        apply(program(tmp_path, 'aws.sqs.Queue("q")'), state)

        assert state.resources == {}

    def test_region_and_account_are_known_without_aws(self, tmp_path):
        body = 'pulumi.export("where", [aws.get_region().region, aws.get_caller_identity().account_id])'

        assert apply(program(tmp_path, body)) == {"where": ["us-east-1", "000000000000"]}


class TestFailure:
    def test_it_names_the_resource_and_quotes_aws(self, tmp_path, fake):
        fake.refuse["create", "q"] = refusal()

        with pytest.raises(
            ResourceFailed, match=r"^aws:sqs/queue:Queue q could not be created: .*Throttled.*: not now$"
        ):
            apply(program(tmp_path, 'aws.sqs.Queue("q")'))

    def test_it_stops_the_deployment(self, tmp_path, fake):
        fake.refuse["create", "q"] = UserError("the first failure")
        body = 'q = aws.sqs.Queue("q")\naws.sns.Topic("t", display_name=q.arn)'

        with pytest.raises(UserError, match="the first failure"):
            apply(program(tmp_path, body))
        assert fake.log == []

    def test_the_next_deployment_goes_on(self, tmp_path, fake):
        body = 'q = aws.sqs.Queue("q", name="q")\naws.sns.Topic("t", name=q.name)'
        state = State()
        fake.refuse["create", "q"] = refusal()
        project = program(tmp_path, body.replace("name=q.name", 'name="t"'))
        with pytest.raises(ResourceFailed):
            apply(project, state)

        apply(project, state)

        assert sorted(fake.log) == [("create", "q"), ("create", "t")]

    def test_a_half_configured_resource_is_completed_and_not_created_again(self, tmp_path, fake):
        del fake.configure
        fake.refuse["configure", "q"] = refusal()
        project, state = program(tmp_path, 'aws.sqs.Queue("q", name="q")'), State()
        with pytest.raises(ResourceFailed):
            apply(project, state)

        apply(project, state)
        apply(project, state)

        assert fake.log == [("create", "q"), ("update", "q"), ("configure", "q")]

    def test_what_could_not_be_deleted_is_deleted_by_the_next_deployment(self, tmp_path, fake):
        state = State()
        apply(program(tmp_path, 'aws.sqs.Queue("q", name="q")'), state)
        fake.refuse["delete", "q"] = refusal()
        with pytest.raises(ResourceFailed, match=r"Queue q could not be deleted: .*: not now"):
            apply(program(tmp_path, ""), state)

        apply(program(tmp_path, ""), state)

        assert fake.log == [("create", "q"), ("delete", "q")]
        assert state.resources == {}

    def test_what_is_already_gone_counts_as_deleted(self, tmp_path, fake):
        state = State()
        apply(program(tmp_path, 'aws.sqs.Queue("q", name="q")'), state)
        fake.refuse["delete", "q"] = refusal("AWS.SimpleQueueService.NonExistentQueue")

        apply(program(tmp_path, ""), state)

        assert state.resources == {}

    def test_an_unsupported_input_is_refused_each_time(self, tmp_path, fake):
        project, state = program(tmp_path, 'aws.sqs.Queue("q", delay_seconds=5, name="q")'), State()

        for _ in range(2):
            with pytest.raises(ResourceFailed, match=r"aws:sqs/queue:Queue q: .* the inputs delaySeconds$"):
                apply(project, state)

    def test_an_unsupported_input_can_be_undone(self, tmp_path, fake):
        state = State()
        project = program(tmp_path, 'aws.sqs.Queue("q", name="q", delay_seconds=5)')
        with pytest.raises(ResourceFailed):
            apply(project, state)

        apply(program(tmp_path, 'aws.sqs.Queue("q", name="q")'), state)

        assert engine.preview(program(tmp_path, 'aws.sqs.Queue("q", name="q")'), state).changes == []

    def test_a_failed_replacement_keeps_the_old_resource(self, tmp_path, fake):
        state, body = State(), 'aws.sqs.Queue("q", fifo_queue=%s)'
        apply(program(tmp_path, body % False), state)
        [(_, name)] = fake.log
        fake.refuse["create", "q"] = refusal()
        with pytest.raises(ResourceFailed):
            apply(program(tmp_path, body % True), state)

        apply(program(tmp_path, body % False), state)

        assert fake.log == [("create", name)]

    def test_a_failed_deletion_before_a_replacement_is_tried_again(self, tmp_path, fake):
        state, body = State(), 'aws.sqs.Queue("q", name="q", fifo_queue=%s)'
        apply(program(tmp_path, body % False), state)
        fake.refuse["delete", "q"] = refusal()
        with pytest.raises(ResourceFailed):
            apply(program(tmp_path, body % True), state)

        apply(program(tmp_path, body % True), state)

        assert fake.log == [("create", "q"), ("delete", "q"), ("create", "q")]

    def test_a_failed_update_is_repeated_even_if_it_is_undone(self, tmp_path, fake):
        state, body = State(), 'aws.sqs.Queue("q", name="q", policy="%s")'
        apply(program(tmp_path, body % "a"), state)
        fake.refuse["update", "q"] = refusal()
        with pytest.raises(ResourceFailed):
            apply(program(tmp_path, body % "b"), state)

        apply(program(tmp_path, body % "a"), state)

        assert fake.log == [("create", "q"), ("update", "q")]

    def test_a_missing_input_names_the_resource(self, tmp_path, aws):
        body = 'aws.cloudwatch.MetricAlarm("a", comparison_operator="GreaterThanThreshold", evaluation_periods=1)'

        with pytest.raises(ResourceFailed, match=r"MetricAlarm a: the local run needs the input '\w+'$"):
            apply(program(tmp_path, body), aws=aws)

    def test_an_unsupported_input_of_an_update_is_refused_each_time(self, tmp_path, fake):
        state = State()
        apply(program(tmp_path, 'aws.sqs.Queue("q", name="q", policy="a")'), state)

        for _ in range(2):
            with pytest.raises(ResourceFailed, match=r"aws:sqs/queue:Queue q: .* the inputs delaySeconds$"):
                apply(program(tmp_path, 'aws.sqs.Queue("q", name="q", policy="b", delay_seconds=5)'), state)


class TestChanges:
    def test_what_stays_the_same_is_left_alone(self, tmp_path, fake):
        project, state = program(tmp_path, 'pulumi.export("arn", aws.sqs.Queue("q").arn)'), State()
        first = apply(project, state)
        fake.log.clear()

        assert apply(project, state) == first
        assert fake.log == []

    def test_a_replacement_exists_before_the_old_one_is_deleted(self, tmp_path, fake):
        state = State()
        body = 'q = aws.sqs.Queue("q", fifo_queue=%s)\naws.sns.Topic("t", name="t", display_name=q.name)'
        fake.create = lambda aws, inputs: (
            inputs.unread(),
            list(map(inputs.get, inputs)),
            Fake.create(fake, aws, inputs),
        )[2]
        fake.update = lambda aws, existing, inputs: (
            inputs.get("displayName"),
            Fake.update(fake, aws, existing, inputs),
        )[1]
        apply(program(tmp_path, body % False), state)
        [(_, old), _] = fake.log
        fake.log.clear()

        apply(program(tmp_path, body % True), state)

        [(_, new), *_] = fake.log
        assert new != old
        assert fake.log == [("create", new), ("update", "t"), ("delete", old)]

    def test_delete_before_replace_keeps_the_name(self, tmp_path, fake):
        state = State()
        body = 'aws.sqs.Queue("q", fifo_queue=%s, opts=pulumi.ResourceOptions(delete_before_replace=True))'
        apply(program(tmp_path, body % False), state)
        [(_, name)] = fake.log

        apply(program(tmp_path, body % True), state)

        assert fake.log[1:] == [("delete", name), ("create", name)]

    def test_dependents_are_deleted_first(self, tmp_path, fake):
        state = State()
        body = """
last = aws.sqs.Queue("a", name="a")
for name in "bcd":
    last = aws.sqs.Queue(name, name=name, opts=pulumi.ResourceOptions(depends_on=[last]))
"""
        apply(program(tmp_path, body), state)
        fake.log.clear()

        apply(program(tmp_path, ""), state)

        assert fake.log == [("delete", name) for name in "dcba"]

    def test_what_is_retained_is_only_forgotten(self, tmp_path, fake):
        state = State()
        body = 'aws.sqs.Queue("q", name="q", opts=pulumi.ResourceOptions(retain_on_delete=True))'
        apply(program(tmp_path, body), state)

        apply(program(tmp_path, ""), state)

        assert fake.log == [("create", "q")]
        assert state.resources == {}

    def test_ignored_changes_keep_the_old_value(self, tmp_path, fake):
        state = State()
        body = """
q = aws.sqs.Queue("q", name="q", policy="%s", opts=pulumi.ResourceOptions(ignore_changes=["policy"]))
pulumi.export("policy", q.policy)
"""
        apply(program(tmp_path, body % "a"), state)

        assert apply(program(tmp_path, body % "b"), state) == {"policy": "a"}
        assert fake.log == [("create", "q")]

    def test_ignored_changes_inside_an_input_are_refused(self, tmp_path, fake):
        body = 'aws.sqs.Queue("q", name="q", opts=pulumi.ResourceOptions(ignore_changes=["tags.a"]))'

        with pytest.raises(UserError, match=r"Queue q: the local run supports only whole inputs .*, got 'tags.a'"):
            apply(program(tmp_path, body), State())

    def test_an_explicit_name_is_kept_by_a_replacement(self, tmp_path, fake):
        state, body = State(), 'aws.sqs.Queue("q", name="mine", fifo_queue=%s)'
        apply(program(tmp_path, body % False), state)

        apply(program(tmp_path, body % True), state)

        assert fake.log == [("create", "mine"), ("delete", "mine"), ("create", "mine")]
        assert engine.preview(program(tmp_path, body % True), state).changes == []

    def test_inverted_dependencies_of_replaced_resources_block_no_deletion(self, tmp_path, fake):
        state = State()
        pair = """
first, then = {order}
one = aws.sqs.Queue(first, fifo_queue={fifo})
aws.sqs.Queue(then, fifo_queue={fifo}, opts=pulumi.ResourceOptions(depends_on=[one]))
"""
        for order, fifo in ((("a", "b"), False), (("b", "a"), True)):
            fake.refuse["delete", "a"] = fake.refuse["delete", "b"] = refusal()
            with contextlib.suppress(ResourceFailed):
                apply(program(tmp_path, pair.format(order=order, fifo=fifo)), state)
        fake.refuse.clear()

        apply(program(tmp_path, ""), state)

        assert state == State()


class TestLosses:
    """Data is lost only if that was part of the plan."""

    @pytest.fixture
    def holding(self, fake):
        fake.holds_data = True
        fake.has_data = lambda aws, existing: True
        return fake

    @pytest.mark.parametrize("body", ["", 'aws.sqs.Queue("q", fifo_queue=True)'], ids=["deletion", "replacement"])
    def test_a_loss_that_was_not_planned_is_refused(self, tmp_path, holding, body):
        state = State()
        apply(program(tmp_path, 'aws.sqs.Queue("q", fifo_queue=False)'), state)

        def deploy_allowing(losses):
            deployment = Deployment(NoAws(), state, losses=losses)
            deployment.run(program(tmp_path, body))
            deployment.delete_leftovers()

        with pytest.raises(ResourceFailed, match=r"Queue q would lose its data, which was not part of the plan"):
            deploy_allowing(())
        assert [verb for verb, _ in holding.log] == ["create"]

        deploy_allowing(list(state.resources))
        assert holding.log[-1][0] == "delete"


def test_a_name_that_was_used_is_not_generated_again(tmp_path, fake):
    state = State()
    for body in ('aws.sqs.Queue("q")', "", 'aws.sqs.Queue("q")'):
        apply(program(tmp_path, body), state)

    [(_, first), _, (_, again)] = fake.log
    assert first != again


def test_a_resource_that_is_renamed_in_the_program_only_remains(tmp_path, aws):
    state = State()
    body = """
q = aws.sqs.Queue("renamed")
aws.sqs.QueuePolicy({name!r}, queue_url=q.url, policy='{{"Statement": []}}')
aws.cloudwatch.Dashboard({name!r}, dashboard_name="renamed", dashboard_body='{{"widgets": []}}')
pulumi.export("url", q.url)
"""
    for name in ("one", "two"):
        url = apply(program(tmp_path, body.format(name=name)), state, aws)["url"]

    attributes = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    assert attributes["Policy"] == '{"Statement": []}'
    assert aws.client("cloudwatch").get_dashboard(DashboardName="renamed")["DashboardName"] == "renamed"


def test_all_deletions_are_tried_before_the_first_failure_is_raised(tmp_path, fake):
    state = State()
    apply(program(tmp_path, 'for n in "abc":\n    aws.sqs.Queue(n, name=n)'), state)
    fake.refuse["delete", "b"] = refusal()

    with pytest.raises(ResourceFailed, match="Queue b could not be deleted"):
        apply(program(tmp_path, ""), state)

    assert [it.name for it in state.resources.values()] == ["b"]


def test_resources_exist_in_the_emulator(tmp_path, aws):
    project = program(tmp_path, 'pulumi.export("url", aws.sqs.Queue("real", visibility_timeout_seconds=77).url)')

    url = apply(project, aws=aws)["url"]

    attributes = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "77"


def test_an_error_from_the_emulator_names_the_resource(tmp_path, aws):
    body = 'aws.iam.RolePolicy("p", role="nobody", policy="{}")'

    with pytest.raises(ResourceFailed, match=r"^aws:iam/rolePolicy:RolePolicy p could not be created: .*NoSuchEntity"):
        apply(program(tmp_path, body), aws=aws)


@pytest.mark.long
def test_the_whole_stack_is_changed_and_deleted_without_a_trace(tmp_path):
    # An emulator of its own: the inventory must be complete.
    with running_emulator(tmp_path) as emulator:
        aws, state = Aws(emulator.endpoint, "us-east-1"), State()
        port = int(emulator.endpoint.rpartition(":")[2])
        before = inventory(aws)

        def stack(*settings):
            return load_project(ROOT, "local", settings).with_emulator_at(port)

        small = ["logRetentionDays=7", "orderRetentionDays=30", "throttlingRateLimit=50", "advancedSecurity=AUDIT"]
        every = ["workflow=true", "snapStart=true", "reservedConcurrency=20", "notificationEmail=a@example.com"]
        for settings in ([], [*small, *every], ["stageName=v2", "invoiceOrders=false"], []):
            project = stack(*settings)
            apply(project, state, aws)
            assert engine.preview(project, state).changes == []
        assert len(inventory(aws) - before) > 120

        write_program(tmp_path, "")
        apply(replace(stack(), root=tmp_path), state, aws)

        # The account's log role and its boundary are shared with the region's other APIs.
        left = sorted(found.partition("cafe-local-")[2].rpartition("-")[0] for found in inventory(aws) - before)
        assert left == ["api-log-role", "boundary"]
        assert state == State()
