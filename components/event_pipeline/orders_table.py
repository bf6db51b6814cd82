"""The orders table, and the café's table with the menu."""

from typing import TypedDict, final

import pulumi
import pulumi_aws as aws

from lambdas.orders.keys import INDEXES

from ..blocks.iam import Grant
from ..blocks.table import make_table

DEFAULT_OPEN_ORDERS = 25
DEFAULT_CURRENCY = "EUR"

CREATE_ORDER = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
"""Permissions to create an order: with its customer's open orders, in one transaction."""


@final
class PipelineInputs(TypedDict):
    """What an API needs of the pipeline: inputs of `OrdersApi`."""

    orders_table_name: pulumi.Output[str]
    orders_table_arn: pulumi.Output[str]
    cafe_table_name: pulumi.Output[str]
    cafe_table_arn: pulumi.Output[str]
    intake_queue_name: pulumi.Output[str]
    intake_queue_arn: pulumi.Output[str]


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


def menu_environment(
    cafe_table_name: pulumi.Input[str], currency: str, *, menu_only: bool
) -> dict[str, pulumi.Input[str]]:
    """Environment variables of functions that price orders."""
    return {"CAFE_TABLE": cafe_table_name, "CURRENCY": currency, "MENU_ONLY": str(menu_only).lower()}


def read_menu(cafe_table_arn: pulumi.Input[str]) -> Grant:
    """The permission to read the menu."""
    return {"actions": ["dynamodb:Query"], "resources": [cafe_table_arn]}


def cafe_table(name: str, protect: bool, parent: pulumi.Resource) -> aws.dynamodb.Table:
    """The café's table, with keys as described in `lambdas.cafe.table`."""
    return make_table(name, ("kind", "name"), parent, ttl="_expireOn", protect=protect)


def orders_table(name: str, protect: bool, parent: pulumi.Resource) -> aws.dynamodb.Table:
    """The orders table, with keys and indexes as described in `lambdas.orders.keys`."""
    return make_table(name, ("customer", "id"), parent, indexes=INDEXES, ttl="_expireOn", stream=True, protect=protect)
