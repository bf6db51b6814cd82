"""Builders of orders, callers, and events of API Gateway, SQS and DynamoDB Streams as AWS documents them."""

import json
from typing import Any

from lambdas.cafe.models import StoredItem
from lambdas.orders.events import TEXTS, OrderPlaced, StatusChanged
from lambdas.orders.models import Item, Order, Status
from lambdas.orders.table import to_item
from lambdas.runtime.caller import DELETE_SCOPE, DISPLAYS, GUESTS, Caller

NOON = 1_700_000_000_000
"""An arbitrary time in ms."""

TABLE = "orders"
PHOTOS_TABLE = "photos"
CAFE_TABLE = "cafe"
METRICS_NAMESPACE = "cafe-test"
METRICS_SERVICE = "a_function"
RETENTION_DAYS = 30

ANN = Caller("ann")
BOB = Caller("bob")
SAM = Caller("sam", frozenset({"staff"}))
ANN_WITH_DELETE = Caller("ann", scopes=frozenset({DELETE_SCOPE}))
BOB_WITH_DELETE = Caller("bob", scopes=frozenset({DELETE_SCOPE}))
GUEST = Caller("guest-0123456789abcdef01234567", frozenset({GUESTS}))
DISPLAY = Caller("display-0123456789abcdef", frozenset({DISPLAYS}))
SAM_WITH_DELETE = Caller("sam", frozenset({"staff"}), frozenset({DELETE_SCOPE}))

ALLOWED_MOVES = {
    (Status.CREATED, Status.ACCEPTED),
    (Status.CREATED, Status.CANCELLED),
    (Status.ACCEPTED, Status.READY),
    (Status.ACCEPTED, Status.CANCELLED),
    (Status.READY, Status.FILLED),
}
"""The lifecycle in the contract."""

EVERY_MOVE = [(source, target) for source in Status for target in Status]


def an_order(id: str = "order-1", customer: str = "ann", **fields: Any) -> Order:
    """An order, by default for one espresso."""
    created_at = fields.setdefault("created_at", NOON)
    fields.setdefault("status", Status.CREATED)
    fields.setdefault("items", [Item("Espresso", 1, price=0)])
    fields.setdefault("total", 0)
    fields.setdefault("currency", "EUR")
    fields.setdefault("updated_at", created_at)
    fields.setdefault("expire_on", created_at // 1000 + 86_400)
    return Order(id=id, customer=customer, **fields)


def a_dish(name: str = "Espresso", price: int = 220, **fields: Any) -> StoredItem:
    """An item on the menu."""
    return StoredItem(name=name, price=price, **{"position": NOON, "revision": "r1", **fields})


def an_order_placed(
    id: str = "7", customer: str = "ann", correlation_id: str = "request-1", created_at: int = NOON
) -> OrderPlaced:
    """The event that notifies the kitchen of a new order."""
    return OrderPlaced(customer, id, correlation_id, created_at)


def placed_body(id: str = "7", customer: str = "ann") -> dict[str, Any]:
    """The JSON of that event."""
    return {"customer": customer, "id": id, "correlationId": "request-1", "_createdAt": NOON}


def a_change(
    id: str = "7",
    customer: str = "ann",
    status: Status = Status.READY,
    previous: Status = Status.ACCEPTED,
    at: int = NOON,
    correlation_id: str = "request-1",
) -> StatusChanged:
    """The event that notifies a customer of a status change."""
    return StatusChanged(customer, id, status, previous, at, TEXTS[status].format(id=id), correlation_id)


def orders_of(count: int, customer: str = "ann", start: int = NOON, **fields: Any) -> list[Order]:
    """Orders of a customer, oldest first, one second apart."""
    return [
        an_order(f"{customer}-{n:03d}", customer, created_at=start + n * 1000, **fields) for n in range(1, count + 1)
    ]


def api_event(
    method: str = "GET",
    path: str = "/orders",
    *,
    caller: Caller = ANN,
    body: object = None,
    query: dict[str, str] | None = None,
    parameters: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """An event of a Lambda proxy integration. A string `body` is sent unchanged, any other as JSON."""
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": None if headers is None else {name: [value] for name, value in headers.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": None if query is None else {name: [value] for name, value in query.items()},
        "pathParameters": parameters,
        "stageVariables": None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "authorizer": {
                "customer": caller.name,
                "groups": " ".join(sorted(caller.groups)),
                "scopes": " ".join(sorted(caller.scopes)),
                "principalId": caller.name,
                "integrationLatency": 12,
            },
            "httpMethod": method,
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "a browser"},
            "path": f"/dev{path}",
            "protocol": "HTTP/1.1",
            "requestId": "request-1",
            "requestTimeEpoch": NOON,
            "resourcePath": path,
            "stage": "dev",
        },
        "body": body if body is None or isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
        **more,
    }


def order_event(method: str, order: Order, caller: Caller = ANN, **more: Any) -> dict[str, Any]:
    """A request for a single order."""
    return api_event(
        method,
        "/orders/{customer}/{id}",
        caller=caller,
        parameters={"customer": order.customer, "id": order.id},
        **more,
    )


def sqs_event(*records: dict[str, Any]) -> dict[str, Any]:
    """A batch of messages from a queue."""
    return {"Records": list(records)}


def sqs_record(body: object, id: str = "message-1", customer: str | None = None, **attributes: str) -> dict[str, Any]:
    """A message with attributes like those that the gateway adds: the `customer`, if given, and others."""
    attributes = attributes if customer is None else {"customer": customer, **attributes}
    return {
        "messageId": id,
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": str(NOON),
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": str(NOON + 1),
        },
        "messageAttributes": {
            name: {"stringValue": value, "stringListValues": [], "binaryListValues": [], "dataType": "String"}
            for name, value in attributes.items()
        },
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:intake",
        "awsRegion": "eu-central-1",
    }


def stream_event(*records: dict[str, Any]) -> dict[str, Any]:
    """A batch of records from a stream."""
    return {"Records": list(records)}


def stream_record(name: str, old: Order | None = None, new: Order | None = None, sequence: str = "111") -> dict:
    """A change in the orders table, with the images of the stream's view type."""
    order = new or old
    assert order is not None
    images = {"OldImage": old, "NewImage": new}
    return {
        "eventID": f"event-{sequence}",
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": NOON // 1000,
            "Keys": {"customer": {"S": order.customer}, "id": {"S": order.id}},
            **{image: to_item(order) for image, order in images.items() if order is not None},
            "SequenceNumber": sequence,
            "SizeBytes": 26,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-central-1:123456789012:table/orders/stream/2023-11-14T00:00:00.000",
    }


def failures(*ids: str) -> dict[str, Any]:
    """A batch handler's response when these records fail."""
    return {"batchItemFailures": [{"itemIdentifier": failed} for failed in ids]}
