"""Creates the orders table without running the program."""

from typing import Any

from lambdas.orders.keys import INDEXES


def create_orders_table(client: Any, name: str) -> None:
    """Create the table with all indexes."""
    attributes = ["customer", "id", "_at", *(index.partition_key for index in INDEXES if not index.local)]
    indexes = {
        local: [
            {
                "IndexName": index.name,
                "KeySchema": key_schema(index.partition_key, "_at"),
                "Projection": {"ProjectionType": "ALL"},
            }
            for index in INDEXES
            if index.local is local
        ]
        for local in (True, False)
    }
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in attributes],
        KeySchema=key_schema("customer", "id"),
        LocalSecondaryIndexes=indexes[True],
        GlobalSecondaryIndexes=indexes[False],
    )


def key_schema(partition: str, sort: str) -> list[dict[str, str]]:
    """The key schema of a table or an index."""
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
