"""The invoice tables in moto, with their indexes."""

import pytest

from lambdas.invoices.keys import INDEXES, OF_INVOICE
from lambdas.invoices.table import InvoicesTable, Names
from tests.lambdas.fakes import OneAtATime

NAMES = Names("invoices", "ledger", "heads")


def key_schema(*keys):
    return [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False) if key]


def create(client, name, keys, indexes=()):
    used = {key for key in [*keys, *(k for index in indexes for k in (index.partition_key, index.sort_key))] if key}
    found = [
        {
            "IndexName": index.name,
            "KeySchema": key_schema(index.partition_key, index.sort_key),
            "Projection": {"ProjectionType": index.projection},
        }
        for index in indexes
    ]
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": key, "AttributeType": "N" if key == "sequence" else "S"} for key in sorted(used)
        ],
        KeySchema=key_schema(*keys),
        **({"GlobalSecondaryIndexes": found} if found else {}),
    )


@pytest.fixture
def client(aws, clients):
    client = clients["dynamodb"]
    create(client, NAMES.invoices, ("userId", "id"), INDEXES)
    create(client, NAMES.ledger, ("userId", "sequence"), [OF_INVOICE])
    create(client, NAMES.heads, ("userId",))
    return OneAtATime(client)


@pytest.fixture
def table(client):
    return InvoicesTable(NAMES, client)
