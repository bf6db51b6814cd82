"""The orders table."""

import pulumi
import pulumi_aws as aws

from lambdas.orders.keys import INDEXES

from ..blocks.table import make_table

DEFAULT_OPEN_ORDERS = 25

CREATE_ORDER = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
"""Permissions to create an order: with its customer's open orders, in one transaction."""


def orders_environment(
    table_name: pulumi.Input[str], retention_days: int, open_orders: int, *, workflow: bool
) -> dict[str, pulumi.Input[str]]:
    """Environment variables of functions that work with orders."""
    # Programs in other languages pass every number as a float.
    return {
        "ORDERS_TABLE": table_name,
        "ORDER_RETENTION_DAYS": str(int(retention_days)),
        "OPEN_ORDERS": str(int(open_orders)),
        "ORDER_WORKFLOW": str(workflow).lower(),
    }


def orders_table(name: str, protect: bool, parent: pulumi.Resource) -> aws.dynamodb.Table:
    """The orders table, with keys and indexes as described in `lambdas.orders.keys`."""
    return make_table(name, ("customer", "id"), parent, indexes=INDEXES, ttl="_expireOn", stream=True, protect=protect)
