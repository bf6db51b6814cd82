"""The orders table."""

import pulumi
import pulumi_aws as aws

from lambdas.orders.keys import INDEXES


def orders_environment(table_name: pulumi.Input[str], retention_days: int) -> dict[str, pulumi.Input[str]]:
    """What a function that works with orders has to know."""
    # From programs in other languages every number comes as a float.
    return {"ORDERS_TABLE": table_name, "ORDER_RETENTION_DAYS": str(int(retention_days))}


def orders_table(name: str, protect: bool, parent: pulumi.Resource) -> aws.dynamodb.Table:
    """The orders table with the keys and indexes that `lambdas.orders.keys` describes; with `protect` it is kept from
    being deleted."""
    attributes = ["customer", "id", "_at", *(index.partition_key for index in INDEXES if not index.local)]
    return aws.dynamodb.Table(
        name,
        billing_mode="PAY_PER_REQUEST",
        hash_key="customer",
        range_key="id",
        attributes=[{"name": attribute, "type": "S"} for attribute in attributes],
        local_secondary_indexes=[
            {"name": index.name, "range_key": "_at", "projection_type": "ALL"} for index in INDEXES if index.local
        ],
        global_secondary_indexes=[
            {"name": index.name, "hash_key": index.partition_key, "range_key": "_at", "projection_type": "ALL"}
            for index in INDEXES
            if not index.local
        ],
        ttl={"attribute_name": "_expireOn", "enabled": True},
        stream_enabled=True,
        stream_view_type="NEW_AND_OLD_IMAGES",
        point_in_time_recovery={"enabled": True},
        deletion_protection_enabled=protect,
        opts=pulumi.ResourceOptions(parent=parent, protect=protect),
    )
