"""A function that places an order with one `PutItem` and nothing else."""

import json
import os
import uuid

import boto3

orders = boto3.client("dynamodb")
item = json.loads(os.environ["ITEM"])


def handler(event, context):
    """Put a new order and return 201."""
    print("one put")
    orders.put_item(
        TableName=os.environ["ORDERS_TABLE"],
        Item={**item, "id": {"S": uuid.uuid4().hex}},
        ConditionExpression="attribute_not_exists(id)",
    )
    return {"statusCode": 201, "body": "{}"}
