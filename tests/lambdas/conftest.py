"""Shared fixtures of the functions' tests. moto simulates AWS, without network access."""

import json
import sys
from collections import Counter
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from hypothesis import HealthCheck, settings
from moto import mock_aws

from lambdas.cafe.offer import Offer
from lambdas.cafe.table import CafeTable
from lambdas.cafe.waiting import Waiting
from lambdas.identity.token_services import verifier
from lambdas.orders.pricing import Pricing
from lambdas.orders.service import Orders
from lambdas.orders.table import OrdersTable
from lambdas.photos import keys
from lambdas.photos.filing import Filing
from lambdas.photos.keys import SHARD_TIME
from lambdas.photos.quota import Quota
from lambdas.photos.service import Photos
from lambdas.photos.table import PhotosTable
from lambdas.runtime.http import logger
from tests.lambdas import dynamodb_limits
from tests.lambdas.builders import CAFE_TABLE, METRICS_NAMESPACE, METRICS_SERVICE, PHOTOS_TABLE, RETENTION_DAYS, TABLE
from tests.lambdas.fakes import FakeClock, FakeContext, FakeFiles, FakeStore, OneAtATime
from tests.lambdas.invoices.world import World
from tests.lambdas.orders_table import create_orders_table, key_schema
from tests.lambdas.pages import page
from tests.lambdas.pool import CLIENT, ISSUER, Pool

# No deadline, because the machine may be busy. Deterministic and with few examples, to get stable results fast.
settings.register_profile(
    "patient", deadline=None, derandomize=True, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")

REGION = "eu-central-1"
CREDENTIALS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


@pytest.fixture(autouse=True)
def fake_credentials(monkeypatch):
    """Use fake credentials, so that no test can change a real account."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")


@pytest.fixture(autouse=True)
def _metrics(monkeypatch):
    """Set the metrics' namespace and service, as in the functions' environment."""
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", METRICS_NAMESPACE)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", METRICS_SERVICE)


@pytest.fixture(scope="session")
def clients():
    """A client for each service. Shared, because creating clients is slow."""
    services = ("dynamodb", "s3", "sqs", "sns", "stepfunctions")
    made = {service: boto3.client(service, region_name=REGION, **CREDENTIALS) for service in services}
    made["dynamodb"].meta.events.register("before-call.dynamodb", dynamodb_limits.check)
    return made


@pytest.fixture
def aws():
    """An empty, simulated account."""
    with mock_aws():
        yield


@pytest.fixture
def sqs(aws, clients):
    return clients["sqs"]


@pytest.fixture
def sns(aws, clients):
    return clients["sns"]


@pytest.fixture
def stepfunctions(aws, clients):
    return clients["stepfunctions"]


@pytest.fixture
def keyed_table(aws, clients):
    """Create a table with the key `id`. Returns the DynamoDB client."""

    def make(name: str) -> Any:
        clients["dynamodb"].create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        return clients["dynamodb"]

    return make


@pytest.fixture(scope="session")
def cognito():
    return boto3.client("cognito-idp", region_name=REGION, config=Config(signature_version=UNSIGNED))


@pytest.fixture
def dynamodb(aws, clients):
    """A DynamoDB client, with the orders table created."""
    create_orders_table(clients["dynamodb"], TABLE)
    return clients["dynamodb"]


@pytest.fixture
def table(dynamodb):
    return OrdersTable(TABLE, dynamodb)


@pytest.fixture
def cafe_table(aws, clients):
    """The café's table, empty."""
    clients["dynamodb"].create_table(
        TableName=CAFE_TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("kind", "name")],
        KeySchema=key_schema("kind", "name"),
    )
    return CafeTable(CAFE_TABLE, OneAtATime(clients["dynamodb"]))


@pytest.fixture
def photos_table(aws, clients):
    """A table with the keys and the index of photos."""
    client = OneAtATime(clients["dynamodb"])
    client.create_table(
        TableName=PHOTOS_TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("userid", "id", SHARD_TIME.partition_key)
        ],
        KeySchema=key_schema("userid", "id"),
        GlobalSecondaryIndexes=[
            {
                "IndexName": SHARD_TIME.name,
                "KeySchema": key_schema(SHARD_TIME.partition_key, "id"),
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    return PhotosTable(PHOTOS_TABLE, client)


@pytest.fixture
def files():
    return FakeFiles()


@pytest.fixture
def quota():
    """A quota of three photos."""
    return Quota(3, 10_000)


@pytest.fixture
def photos(photos_table, files, quota, clock):
    return Photos(photos_table, files, quota, clock)


@pytest.fixture
def filing(photos_table, files, quota, clock):
    return Filing(photos_table, files, quota, clock)


@pytest.fixture
def remaining(photos_table, files, clients):
    """List the objects in the bucket and the items in the table that count or could become a photo."""

    def is_left(item):
        match item["id"]["S"]:
            case keys.QUOTA:
                return item["count"]["N"] != "0"
            case keys.PENDING:
                return False
            case keys.RESERVATION:
                return item["status"]["S"] != "refused"
        return True

    def list_all():
        items = clients["dynamodb"].scan(TableName=PHOTOS_TABLE)["Items"]
        return [*files.objects, *filter(is_left, items)]

    return list_all


@pytest.fixture(scope="session")
def pool():
    """The user pool that signs the tokens. Shared, because generating keys is slow."""
    return Pool()


@pytest.fixture(scope="session")
def jwks_url(pool):
    """The URL of the pool's key set."""
    with page(json.dumps(pool.jwks())) as address:
        yield address


@pytest.fixture
def trusts_the_pool(jwks_url, monkeypatch):
    """The environment of an authorizer that verifies the pool's tokens."""
    monkeypatch.setenv("TOKEN_ISSUER", ISSUER)
    monkeypatch.setenv("USER_POOL_CLIENT_ID", CLIENT)
    monkeypatch.setenv("JWKS_URL", jwks_url)
    verifier.cache_clear()
    yield
    verifier.cache_clear()


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def store():
    return FakeStore()


@pytest.fixture
def menu():
    """What is on the menu: a list to add items to. Everything else can be ordered, too, at no price."""
    return []


@pytest.fixture
def orders(store, clock, menu):
    """The order service on the fake store."""
    return Orders(store, RETENTION_DAYS, clock, pricing=Pricing(lambda: Offer(menu), "EUR", menu_only=False))


@pytest.fixture
def context():
    return FakeContext()


@pytest.fixture
def call(orders, store, clock, context, monkeypatch):
    """Call a handler with the fake store. Orders take a minute."""

    def run(module: Any, event: dict[str, Any]) -> dict[str, Any]:
        for service in ("orders", "priced_orders"):
            if hasattr(module, service):
                monkeypatch.setattr(module, service, lambda: orders)
        if hasattr(module, "waiting"):
            monkeypatch.setattr(
                module,
                "waiting",
                lambda: Waiting(lambda now: [it.created_at for it in store.all()], lambda since: [60], clock),
            )
        return module.handler(event, context)

    return run


@pytest.fixture
def world():
    """The invoice services with fake dependencies."""
    return World()


@pytest.fixture
def call_invoices(world, context, monkeypatch):
    """Call a handler with the services of `world`."""

    def run(module: Any, event: dict[str, Any]) -> dict[str, Any]:
        for service in ("invoices", "sending", "paying", "withdrawing"):
            if hasattr(module, service):
                monkeypatch.setattr(module, service, lambda service=service: getattr(world, service))
        return module.handler(event, context)

    return run


class Logs:
    """The output of the functions' logger."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def text(self) -> str:
        """The output since the last call."""
        return self._capsys.readouterr().out

    def lines(self) -> list[dict[str, Any]]:
        """The parsed log lines, without metrics. Every line must be JSON."""
        return [line for line in self._parsed() if "_aws" not in line]

    def metrics(self) -> list[dict[str, Any]]:
        """The metrics since the last call."""
        return [line for line in self._parsed() if "_aws" in line]

    def counts(self) -> Counter[str | tuple[str, str]]:
        """The number of metrics by name and, for metrics with kinds, also by name and kind."""
        metrics = [
            (name, line.get("kind"))
            for line in self.metrics()
            for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
            for name in [metric["Name"]]
        ]
        return Counter(name if kind is None else (name, kind) for name, kind in metrics)

    def _parsed(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]


class CurrentStdout:
    """The current standard output, because the logger keeps the one from when it was imported."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


@pytest.fixture
def logs(capsys, monkeypatch):
    [handler] = logger.handlers
    monkeypatch.setattr(handler, "stream", CurrentStdout())
    return Logs(capsys)
