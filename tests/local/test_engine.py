import threading

import pytest
from botocore.exceptions import ClientError

from local import engine
from local.resources import CREATORS, SKIPPED, Created
from ops.errors import UserError
from tests.local.conftest import TIMEOUT_SECONDS, write_program

QUEUE = "aws:sqs/queue:Queue"
TOPIC = "aws:sns/topic:Topic"

THREE_QUEUES = """
import pulumi_aws as aws
for n in range(3):
    aws.sqs.Queue(f"q{n}")
"""


def program(tmp_path, body):
    return write_program(tmp_path, f"import pulumi\nimport pulumi_aws as aws\n{body}\n")


def nothing():
    pass


def make(project, aws=None):
    class NoAws:
        region = "us-east-1"

    return engine.deploy(project, aws or NoAws(), nothing)


@pytest.fixture
def creator(monkeypatch):
    def replace(type, create):
        monkeypatch.setitem(CREATORS, type, create)

    return replace


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
        engine.Plan(registered).check()


def test_a_component_of_any_type_is_allowed():
    engine.Plan([engine.Registered("urn", "", "my:own:Component", "c", custom=False)]).check()


def test_an_unsupported_type_is_skipped_with_the_reason(tmp_path, monkeypatch):
    monkeypatch.setitem(SKIPPED, QUEUE, "there is no queue here")
    monkeypatch.delitem(CREATORS, QUEUE)
    project = program(tmp_path, 'aws.sqs.Queue("q")')

    plan = engine.preview(project)
    plan.check()
    make(project)

    assert plan.skipped() == {QUEUE: "there is no queue here"}
    assert plan.to_create == []


def test_resources_are_created_in_parallel(tmp_path, creator):
    together = threading.Barrier(3, timeout=TIMEOUT_SECONDS)

    def wait_for_the_others(aws, planned):
        together.wait()
        return Created(planned.name, {})

    creator(QUEUE, wait_for_the_others)

    make(write_program(tmp_path, THREE_QUEUES))  # a broken barrier would raise


def test_a_resource_waits_for_its_dependencies(tmp_path, creator):
    creator(TOPIC, lambda aws, planned: Created("t", {"arn": "arn:t"}))
    seen = []

    def queue(aws, planned):
        seen.append(planned.inputs["redrivePolicy"])
        return Created("q", {"url": "http://q"})

    creator(QUEUE, queue)
    project = program(
        tmp_path, 'q = aws.sqs.Queue("q", redrive_policy=aws.sns.Topic("t").arn)\npulumi.export("url", q.url)'
    )

    assert make(project) == {"url": "http://q"}
    assert seen == ["arn:t"]


def test_integers_arrive_as_integers(tmp_path, creator):
    seen = {}

    def queue(aws, planned):
        seen.update(planned.inputs)
        return Created("q", {})

    creator(QUEUE, queue)
    make(program(tmp_path, 'aws.sqs.Queue("q", visibility_timeout_seconds=60, tags={"a": "1.0"})'))

    assert repr(seen["visibilityTimeoutSeconds"]) == "60"
    assert seen["tags"] == {"a": "1.0"}


def test_a_failure_names_the_resource_and_quotes_aws(tmp_path, creator):
    def refuse(aws, planned):
        raise ClientError({"Error": {"Code": "QueueNameExists", "Message": "there is one already"}}, "CreateQueue")

    creator(QUEUE, refuse)

    with pytest.raises(
        engine.ResourceFailed, match=r"^aws:sqs/queue:Queue q could not be created: .*there is one already$"
    ):
        make(program(tmp_path, 'aws.sqs.Queue("q")'))


def test_a_failure_stops_the_deployment_and_is_reported(tmp_path, creator):
    made = []

    def fail(aws, planned):
        raise UserError("the first failure")

    def topic(aws, planned):
        made.append(planned.name)
        return Created("t", {})

    creator(QUEUE, fail)
    creator(TOPIC, topic)
    body = 'q = aws.sqs.Queue("q")\naws.sns.Topic("t", display_name=q.url)'

    with pytest.raises(UserError, match="the first failure"):
        make(program(tmp_path, body))
    assert made == []


def test_an_unsupported_input_is_refused(tmp_path, creator):
    creator(QUEUE, lambda aws, planned: Created(planned.inputs.get("name") or "q", {}))

    with pytest.raises(engine.ResourceFailed, match=r"aws:sqs/queue:Queue q: .* the inputs delaySeconds, fifoQueue$"):
        make(program(tmp_path, 'aws.sqs.Queue("q", delay_seconds=5, fifo_queue=True)'))


def test_a_provider_function_that_needs_aws_is_refused_by_name(tmp_path):
    with pytest.raises(
        Exception, match="does not support the function aws:index/getAvailabilityZones:getAvailabilityZones"
    ):
        engine.preview(program(tmp_path, "aws.get_availability_zones()"))


def test_region_and_account_are_known_without_aws(tmp_path):
    body = 'pulumi.export("where", [aws.get_region().region, aws.get_caller_identity().account_id])'

    assert make(program(tmp_path, body)) == {"where": ["us-east-1", "000000000000"]}


def test_resources_exist_in_the_emulator(tmp_path, aws):
    project = program(tmp_path, 'pulumi.export("url", aws.sqs.Queue("real", visibility_timeout_seconds=77).url)')

    url = make(project, aws)["url"]

    attributes = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "77"


def test_an_error_from_the_emulator_names_the_resource(tmp_path, aws):
    body = 'aws.iam.RolePolicy("p", role="nobody", policy="{}")'

    with pytest.raises(
        engine.ResourceFailed, match=r"^aws:iam/rolePolicy:RolePolicy p could not be created: .*NoSuchEntity"
    ):
        make(program(tmp_path, body), aws)
