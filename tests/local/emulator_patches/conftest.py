"""Small functions on the emulator."""

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:*"}]}


@pytest.fixture
def call(aws):
    """Creates a function, and calls it with events, all at once."""
    client, iam = aws.client("lambda"), aws.client("iam")
    made = []

    def run(source, *events, variables=None):
        name = f"small-{len(made)}"
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        policy = {"Statement": [{"Effect": "Allow", "Action": "lambda:*", "Resource": "*"}]}
        iam.put_role_policy(RoleName=name, PolicyName="it", PolicyDocument=json.dumps(policy))
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("it.py", source)
        client.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=role,
            Handler="it.handler",
            Code={"ZipFile": archive.getvalue()},
            Timeout=30,
            Environment={"Variables": variables or {}},
        )
        made.append(name)
        with ThreadPoolExecutor(len(events)) as callers:
            answers = callers.map(
                lambda event: client.invoke(FunctionName=name, Payload=json.dumps(event))["Payload"].read(), events
            )
            return [json.loads(answer) for answer in answers]

    yield run
    for name in made:
        client.delete_function(FunctionName=name)
        iam.delete_role_policy(RoleName=name, PolicyName="it")
        iam.delete_role(RoleName=name)
