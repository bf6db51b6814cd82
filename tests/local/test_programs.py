"""Programs that are not the café's: created, used, updated and deleted, each from a folder of its own."""

import json
import socket
from urllib.parse import urlsplit

import pytest
from websockets.sync.client import connect

from local.deployment import deploy
from local.engine import preview
from local.errors import UserError
from local.state import State
from tests.local.compatibility import NAMES, START, copied, project, with_table
from tests.local.conftest import ROOT, eventually, fetch, write_program
from tests.local.inventory import inventory

REFUSED = {
    "fargate": "aws:ecs/cluster:Cluster",
    "graphql": "aws:appsync/graphQLApi:GraphQLApi",
    "rds": "aws:rds/instance:Instance",
    "vpc_instance": "aws:ec2/vpc:Vpc",
}
"""The programs that do not run, and the first of their types that is missing."""

RUNNING = [name for name in NAMES if name not in REFUSED]


def get(url):
    """A response of a host below `localhost`, which not every resolver knows."""
    address = urlsplit(url)
    return fetch(f"http://127.0.0.1:{address.port}{address.path or '/'}", headers={"Host": address.netloc})


def says_hello(aws, outputs):
    answer = get(outputs["url"])
    assert (answer.status_code, list(answer.json())) == (200, ["hello"])


def is_noted(aws, outputs, text):
    """Wait until a function has noted an event with this text."""

    def found():
        items = aws.client("dynamodb").scan(TableName=outputs["notes"])["Items"]
        return any(text in item["event"]["S"] for item in items)

    eventually(found)


def received(aws, queue):
    """Wait for a message in a queue."""
    [message] = eventually(lambda: aws.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages"))
    return message["Body"]


def use_s3_notifications(aws, outputs):
    for name in ("a.csv", "a.txt"):  # one before the change, the other after
        aws.client("s3").put_object(Bucket=outputs["bucket"], Key=name, Body=b"1")
    is_noted(aws, outputs, outputs["bucket"])


def use_s3_website(aws, outputs):
    page = aws.client("s3").get_object(Bucket=outputs["bucket"], Key=outputs["page"])
    assert page["Body"].read().startswith(b"<h1>")


def use_rest_api_cognito(aws, outputs):
    assert get(outputs["url"]).status_code == 401


def use_websocket_api(aws, outputs):
    address = urlsplit(outputs["endpoint"])
    assert address.scheme == "ws"
    sock = socket.create_connection(("127.0.0.1", address.port))
    with connect(f"ws://{address.netloc}/dev", sock=sock, proxy=None) as connection:
        connection.send(json.dumps({"action": "say", "text": "hello"}))
        is_noted(aws, outputs, "hello")


def use_dynamodb_stream(aws, outputs):
    aws.client("dynamodb").put_item(TableName=outputs["table"], Item={"id": {"S": "an-item"}})
    is_noted(aws, outputs, "an-item")


def use_dynamodb_indexes(aws, outputs):
    aws.client("dynamodb").put_item(
        TableName=outputs["table"], Item={"id": {"S": "1"}, "at": {"N": "1"}, "kind": {"S": "a"}}
    )
    found = aws.client("dynamodb").query(
        TableName=outputs["table"],
        IndexName="by-kind",
        KeyConditionExpression="kind = :a",
        ExpressionAttributeValues={":a": {"S": "a"}},
    )
    assert found["Count"] == 1


def use_sqs_worker(aws, outputs):
    aws.client("sqs").send_message(QueueUrl=outputs["queue"], MessageBody="a-message")
    is_noted(aws, outputs, "a-message")


def use_sqs_fifo(aws, outputs):
    aws.client("sqs").send_message(QueueUrl=outputs["queue"], MessageBody="a-job", MessageGroupId="1")
    assert received(aws, outputs["queue"]) == "a-job"


def use_sns_fanout(aws, outputs):
    for kind in ("weather", "sport"):
        attributes = {"kind": {"DataType": "String", "StringValue": kind}}
        aws.client("sns").publish(TopicArn=outputs["topic"], Message=kind, MessageAttributes=attributes)
    assert received(aws, outputs["sport"]) == "sport"
    received(aws, outputs["all"])


def use_sns_function(aws, outputs):
    aws.client("sns").publish(TopicArn=outputs["topic"], Message="some-news")
    is_noted(aws, outputs, "some-news")


def use_step_functions(aws, outputs):
    client = aws.client("stepfunctions")
    execution = client.start_execution(stateMachineArn=outputs["machine"])["executionArn"]
    eventually(lambda: client.describe_execution(executionArn=execution)["status"] == "SUCCEEDED")


def use_cognito(aws, outputs):
    client = aws.client("cognito-idp")
    client.sign_up(ClientId=outputs["client"], Username="ann@example.com", Password="Long-enough-1-for-all")
    client.admin_delete_user(UserPoolId=outputs["pool"], Username="ann@example.com")


def use_scheduled_function(aws, outputs):
    assert aws.client("events").describe_rule(Name=outputs["rule"])["State"] == "ENABLED"


def use_scheduler(aws, outputs):
    assert aws.client("scheduler").get_schedule(Name=outputs["schedule"], GroupName="jobs")["Target"]["RoleArn"]


def use_event_bus(aws, outputs):
    entry = {"EventBusName": outputs["bus"], "Source": "shop", "DetailType": outputs["type"], "Detail": '{"id": 7}'}
    aws.client("events").put_events(Entries=[entry])
    assert json.loads(received(aws, outputs["queue"]))["detail"] == {"id": 7}


def use_appsync_events(aws, outputs):
    namespaces = {it["name"] for it in _namespaces(aws)}
    assert "news" in namespaces
    assert outputs["key"].startswith("da2-")


def _namespaces(aws):
    for api in aws.client("appsync").list_apis()["apis"]:
        yield from aws.client("appsync").list_channel_namespaces(apiId=api["apiId"])["channelNamespaces"]


def use_secrets_manager(aws, outputs):
    answer = aws.client("lambda").invoke(FunctionName=outputs["function"])
    assert json.load(answer["Payload"]) == outputs["value"]


def use_ssm_parameters(aws, outputs):
    answer = aws.client("lambda").invoke(FunctionName=outputs["function"])
    assert json.load(answer["Payload"]) == outputs["value"]


def use_kms(aws, outputs):
    assert aws.client("kms").describe_key(KeyId=outputs["alias"])["KeyMetadata"]["Enabled"]
    aws.client("sqs").send_message(QueueUrl=outputs["queue"], MessageBody="secret")


def use_cloudfront(aws, outputs):
    label = outputs["domain"].partition(".")[0]
    assert get(f"http://{label}.cloudfront.localhost:{urlsplit(aws.endpoint).port}/").text == "<h1>Hello</h1>"


def use_kinesis(aws, outputs):
    aws.client("kinesis").put_record(StreamName=outputs["stream"], Data=b"a click", PartitionKey="1")
    is_noted(aws, outputs, "aws:kinesis")


def use_monitoring(aws, outputs):
    assert aws.client("cloudwatch").describe_alarms(AlarmNames=[outputs["alarm"]])["MetricAlarms"]


def use_iam(aws, outputs):
    groups = aws.client("iam").list_groups_for_user(UserName="reader")["Groups"]
    assert [group["GroupName"] for group in groups] == ["readers"]


def use_component(aws, outputs):
    aws.client("sqs").send_message(QueueUrl=outputs["queue"], MessageBody="a message")
    assert received(aws, outputs["queue"]) == "a message"
    assert outputs["key"] == "secret-value"


use_rest_api = use_rest_api_openapi = use_http_api = use_function_url = use_plain_shop = says_hello


@pytest.mark.parametrize("name", RUNNING)
def test_a_program_is_created_used_updated_and_deleted(aws, tmp_path, name):
    root, state, before = copied(name, tmp_path), State(), inventory(aws)
    use = globals()[f"use_{name}"]

    use(aws, deploy(project(root), aws, state))
    assert preview(project(root), state).changes == []
    use(aws, deploy(project(root, "changed=true"), aws, state))
    (root / "__main__.py").write_text("")
    deploy(project(root), aws, state)

    assert state.resources == {}
    assert {it for it in inventory(aws) - before if not it.startswith("logs ")} == set()


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_missing_is_refused_by_name_before_anything_is_created(tmp_path, name):
    plan = preview(project(copied(name, tmp_path)))

    with pytest.raises(UserError, match=f"does not support the resource type {REFUSED[name]} .*: leave it out"):
        plan.check()


def test_four_fifths_of_the_programs_run():
    assert len(NAMES) >= 25
    assert len(RUNNING) / len(NAMES) >= 0.8


def test_the_table_in_the_documentation_is_up_to_date():
    page = (ROOT / "docs" / "programs.md").read_text(encoding="utf-8")

    assert START in page
    assert with_table(page) == page, "run `make reference`"


def test_a_programs_modules_never_meet_those_of_the_engine(tmp_path):
    root = write_program(tmp_path, "import components, local\nassert (components.X, local.X) == (1, 2)").root
    for name, content in (("components", "X = 1"), ("local", "X = 2")):
        (root / f"{name}.py").write_text(content)
    (root / "Pulumi.yaml").write_text("name: tiny\nruntime: python\n")

    assert preview(project(root)).resources[0].type == "pulumi:pulumi:Stack"
