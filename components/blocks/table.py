"""DynamoDB tables with on-demand capacity and point-in-time recovery."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

Index = tuple[str, str, str | None, bool, str]
"""A secondary index: name, partition key, sort key, whether it is local, and projection (`ALL` or `KEYS_ONLY`). A local
index has the table's partition key."""


def make_table(
    name: str,
    keys: Sequence[str],
    parent: pulumi.Resource,
    *,
    indexes: Sequence[Index] = (),
    numbers: Sequence[str] = (),
    ttl: str | None = None,
    stream: bool = False,
    recovery: bool = True,
    protect: bool = False,
) -> aws.dynamodb.Table:
    """A table with a partition key and an optional sort key.

    Key attributes are strings, except `numbers`. `ttl` is the attribute with an item's expiry time in seconds. A
    `stream` has new and old images. `recovery` allows a restore to any second of the last 35 days. With `protect`,
    neither Pulumi nor AWS deletes the table.
    """
    used = {*keys, *(key for _, *pair, _, _ in indexes for key in pair if key)}
    return aws.dynamodb.Table(
        name,
        billing_mode="PAY_PER_REQUEST",
        hash_key=keys[0],
        range_key=keys[1] if keys[1:] else None,
        attributes=[{"name": key, "type": "N" if key in numbers else "S"} for key in sorted(used)],
        local_secondary_indexes=[
            {"name": index, "range_key": sort_key or "", "projection_type": projection}
            for index, _, sort_key, local, projection in indexes
            if local
        ],
        global_secondary_indexes=[
            {"name": index, "hash_key": partition_key, "range_key": sort_key, "projection_type": projection}
            for index, partition_key, sort_key, local, projection in indexes
            if not local
        ],
        ttl={"attribute_name": ttl, "enabled": True} if ttl else None,
        stream_enabled=stream or None,
        stream_view_type="NEW_AND_OLD_IMAGES" if stream else None,
        point_in_time_recovery={"enabled": True} if recovery else None,
        deletion_protection_enabled=protect,
        opts=pulumi.ResourceOptions(parent=parent, protect=protect),
    )
