"""The least that a function can do to place an order."""

import json
import os
import uuid

import boto3

orders = boto3.client("dynamodb")
item = json.loads(os.environ["ITEM"])


def handler(event, context):
    """201, when a new order is in the table."""
    print("one put")
    orders.put_item(
        TableName=os.environ["ORDERS_TABLE"],
        Item={**item, "id": {"S": uuid.uuid4().hex}},
        ConditionExpression="attribute_not_exists(id)",
    )
    return {"statusCode": 201, "body": "{}"}
