"""The functions of the programs."""

import json
import os

import boto3


def hello(event, context):
    """Answers a request to an API."""
    return {"statusCode": 200, "body": json.dumps({"hello": os.environ.get("NAME", "world")})}


def note(event, context):
    """Notes an event in a table."""
    table = boto3.client("dynamodb")
    text = json.dumps(event)
    table.put_item(TableName=os.environ["TABLE"], Item={"id": {"S": context.aws_request_id}, "event": {"S": text}})
    return {"noted": True}


def secret(event, context):
    """Reads a secret."""
    return boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["SECRET"])["SecretString"]


def parameter(event, context):
    """Reads a parameter."""
    return boto3.client("ssm").get_parameter(Name=os.environ["PARAMETER"])["Parameter"]["Value"]
