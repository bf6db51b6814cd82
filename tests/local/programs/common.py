"""What the programs share."""

import json

import pulumi
import pulumi_aws as aws

CHANGED = pulumi.Config().get_bool("changed") or False
"""Whether the program has changed since it was deployed."""

BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def policy(*statements, **more):
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **it} for it in statements], **more})


def role(name, service, *statements):
    """A role of a service that may do what the statements say."""
    made = aws.iam.Role(
        name,
        assume_role_policy=policy({"Principal": {"Service": service}, "Action": "sts:AssumeRole"}),
    )
    if statements:
        aws.iam.RolePolicy(name, role=made.id, policy=pulumi.Output.all(*statements).apply(lambda them: policy(*them)))
    return made


def function(name, handler, *statements, **more):
    """A function of `app/main.py`, and its role."""
    its_role = role(name, "lambda.amazonaws.com", *statements)
    aws.iam.RolePolicyAttachment(name, role=its_role.name, policy_arn=BASIC)
    return aws.lambda_.Function(
        name,
        **{
            "runtime": "python3.11",
            "handler": f"main.{handler}",
            "role": its_role.arn,
            "code": pulumi.FileArchive("app"),
            "timeout": 20 if CHANGED else 10,
            **more,
        },
    )


def noting(name, *statements, **more):
    """A function that notes its events in a table; also the table."""
    table = aws.dynamodb.Table(
        f"{name}-notes", hash_key="id", billing_mode="PAY_PER_REQUEST", attributes=[{"name": "id", "type": "S"}]
    )
    pulumi.export("notes", table.name)
    write = {"Action": "dynamodb:PutItem", "Resource": table.arn}
    return function(name, "note", write, *statements, environment={"variables": {"TABLE": table.name}}, **more)


def allow(name, of, service, source=None):
    """Allow a service to invoke a function."""
    return aws.lambda_.Permission(
        name, action="lambda:InvokeFunction", function=of.name, principal=service, source_arn=source
    )
