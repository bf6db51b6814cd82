"""The orders table, and the café's table with the menu."""

from collections.abc import Mapping
from typing import Any, TypedDict, final

import pulumi
import pulumi_aws as aws

from lambdas.orders.keys import INDEXES

from ..blocks.table import make_table

DEFAULT_OPEN_ORDERS = 25
DEFAULT_CURRENCY = "EUR"
DEFAULT_TIME_ZONE = "UTC"

USE_NUMBERS = ("dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem")
"""Permissions on the café's table to create an order: to read the menu and to claim a number."""

COUNT_REFUSED = "dynamodb:UpdateItem"
"""Permission on the café's table to count refused orders."""

CREATE_ORDER = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
"""Permissions to create an order: with its customer's open orders, in one transaction."""


class CafeTableInputs(TypedDict):
    """What sign-in needs of the pipeline: inputs of `AuthLayer`."""

    cafe_table_name: pulumi.Output[str]
    cafe_table_arn: pulumi.Output[str]


@final
class PipelineInputs(CafeTableInputs):
    """What an API needs of the pipeline: inputs of `OrdersApi`."""

    orders_table_name: pulumi.Output[str]
    orders_table_arn: pulumi.Output[str]
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


def menu_environment(cafe_table_name: pulumi.Input[str], args: Mapping[str, Any]) -> dict[str, pulumi.Input[str]]:
    """Environment variables of functions that price orders, from a component's inputs."""
    return {
        "CAFE_TABLE": cafe_table_name,
        "CURRENCY": args.get("currency", DEFAULT_CURRENCY),
        "MENU_ONLY": str(args.get("menu_only", True)).lower(),
        **hours_environment(args),
    }


def hours_environment(args: Mapping[str, Any]) -> dict[str, pulumi.Input[str]]:
    """Environment variables of functions that know when the café is open."""
    return {"OPENING_HOURS": args.get("opening_hours", ""), "TIME_ZONE": args.get("time_zone", DEFAULT_TIME_ZONE)}


def cafe_table(name: str, protect: bool, parent: pulumi.Resource) -> aws.dynamodb.Table:
    """The café's table, with keys as described in `lambdas.cafe.table`."""
    return make_table(name, ("kind", "name"), parent, ttl="_expireOn", protect=protect)


def orders_table(name: str, protect: bool, parent: pulumi.Resource) -> aws.dynamodb.Table:
    """The orders table, with keys and indexes as described in `lambdas.orders.keys`."""
    return make_table(name, ("customer", "id"), parent, indexes=INDEXES, ttl="_expireOn", stream=True, protect=protect)
