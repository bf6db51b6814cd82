"""A stack on moto, except for its functions, which moto cannot run. Nothing here uses the network."""

import io
import json

import boto3
import pytest
from hypothesis import HealthCheck, settings
from moto import mock_aws

from ops import queues
from ops.commands import main
from ops.stack import Stack

# No deadline, as machines may be busy; derandomized, for reproducible results.
settings.register_profile("patient", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

REGION = "eu-central-1"
GROUP = "/aws/lambda/it"


class FakeLambda:
    """The functions: all log to the same group and return the configured answer."""

    def __init__(self):
        self.answer = {"batchItemFailures": []}
        self.error = None
        self.events = []

    def get_function_configuration(self, **request):
        assert request.keys() == {"FunctionName"}
        return {"LoggingConfig": {"LogGroup": GROUP}}

    def invoke(self, **request):
        assert request["FunctionName"] == "publish"
        self.events.append(json.loads(request["Payload"]))
        answer = self.answer(self.events[-1]) if callable(self.answer) else self.answer
        error = {"FunctionError": self.error} if self.error else {}
        return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(answer).encode()), **error}


@pytest.fixture(autouse=True)
def no_account(monkeypatch):
    """No AWS account, and no long polling for messages."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setattr(queues, "WAIT_SECONDS", 0)


@pytest.fixture(scope="session")
def clients():
    """A client of each service. Session-scoped: clients are slow to create, and moto patches existing ones."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    services = ("dynamodb", "dynamodbstreams", "sqs", "s3", "logs")
    return {service: boto3.client(service, region_name=REGION, **keys) for service in services}


@pytest.fixture
def aws():
    """An empty account."""
    with mock_aws():
        yield


@pytest.fixture
def sqs(aws, clients):
    return clients["sqs"]


@pytest.fixture
def function():
    return FakeLambda()


@pytest.fixture
def stack(sqs, clients, function):
    """A stack with all its queues."""
    outputs = {"sqsLambda": "accept", "queuedOrderLambda": "create", "dynamoLambda": "publish", "kitchenLambda": "cook"}
    for output in ("ordersQueue", "ordersDlq", "intakeQueue", "intakeDlq", "kitchenQueue", "kitchenDlq"):
        outputs[f"{output}Url"] = sqs.create_queue(QueueName=output)["QueueUrl"]
    outputs["streamFailuresUrl"] = sqs.create_queue(QueueName="streamFailures")["QueueUrl"]
    outputs["ordersTableArn"] = f"arn:aws:dynamodb:{REGION}:123456789012:table/orders"
    clients["logs"].create_log_group(logGroupName=GROUP)
    clients["logs"].create_log_stream(logGroupName=GROUP, logStreamName="it")
    return Stack(outputs, {**clients, "lambda": function}.__getitem__)


@pytest.fixture
def run(stack, monkeypatch, capsys):
    """Runs a command on the stack. Returns its exit code and its output and error lines."""
    monkeypatch.setattr("ops.commands.find_stack", lambda home, outputs: stack)

    def run(*arguments):
        code = main(list(arguments))
        out, err = capsys.readouterr()
        return code, out.splitlines(), err.splitlines()

    return run


@pytest.fixture
def log(stack, clients):
    """Writes lines to the functions' log, at a time in ms."""

    def log(at, *lines):
        events = [{"timestamp": at, "message": line if isinstance(line, str) else json.dumps(line)} for line in lines]
        clients["logs"].put_log_events(logGroupName=GROUP, logStreamName="it", logEvents=events)

    return log


def receive_all(sqs, url):
    """All visible messages of a queue, by body."""
    found = {}
    while messages := sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"]
    ).get("Messages"):
        found.update({message["Body"]: message for message in messages})
    return found
