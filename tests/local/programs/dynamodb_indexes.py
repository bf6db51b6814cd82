"""A table with provisioned capacity, an index and a time to live."""

import pulumi
import pulumi_aws as aws
from common import CHANGED

table = aws.dynamodb.Table(
    "items",
    hash_key="id",
    range_key="at",
    read_capacity=2,
    write_capacity=1,
    attributes=[{"name": "id", "type": "S"}, {"name": "at", "type": "N"}, {"name": "kind", "type": "S"}],
    global_secondary_indexes=[
        {
            "name": "by-kind",
            "hash_key": "kind",
            "range_key": "at",
            "projection_type": "ALL",
            "read_capacity": 1,
            "write_capacity": 1,
        }
    ],
    ttl={"attribute_name": "expires", "enabled": True},
    point_in_time_recovery={"enabled": CHANGED},
)
pulumi.export("table", table.name)
