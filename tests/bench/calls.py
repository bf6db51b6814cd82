"""One successful call of each function. `fake_aws` has the answers."""

from http import HTTPStatus
from typing import Any

from lambdas.orders.models import Status
from lambdas.photos.keys import upload_key
from tests.bench.fake_aws import DRAFT, ORDER, PHOTO, TOKEN, UPLOAD
from tests.lambdas.builders import (
    ANN_WITH_DELETE,
    SAM,
    an_order,
    api_event,
    order_event,
    placed_body,
    sqs_event,
    sqs_record,
    stream_event,
    stream_record,
)
from tests.lambdas.photos.builders import s3_message
from tests.lambdas.photos.files import encoded, picture
from tests.lambdas.pool import CLIENT, ISSUER, Pool

ITEMS = {"items": [{"name": "Espresso", "qty": 1}]}
METHOD_ARN = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/dev/GET/orders"
STEP = {"order": placed_body(ORDER.id), "amount": 220, "revision": ORDER.revision}
FILLED = stream_event(stream_record("MODIFY", an_order(status=Status.READY), an_order(status=Status.FILLED)))


def calls(pool: Pool) -> dict[str, dict[str, Any]]:
    """The events, by function module. `pool` signs the authorizer's token."""
    photo, draft, link = {"id": PHOTO.id}, {"id": DRAFT.id}, {"token": TOKEN}
    placed = sqs_event(sqs_record(placed_body(ORDER.id)))
    uploaded = s3_message((upload_key("ann", UPLOAD.id), UPLOAD.version))
    invoice = {"description": "Two cakes", "amount": 4200, "currency": "EUR"}
    return {
        "authorize": {"authorizationToken": pool.access(), "methodArn": METHOD_ARN},
        "authorize_live": {"authorizationToken": pool.access(), "requestContext": {"operation": "EVENT_CONNECT"}},
        "authenticate": api_event("POST", body={"username": "ann", "password": "secret"}),
        "create_order": api_event("POST", body=ITEMS),
        "manage_menu": api_event(path="/menu"),
        "manage_cafe": api_event(path="/cafe"),
        "create_guest": api_event("POST", "/guests", body={}),
        "manage_displays": api_event(path="/display", caller=SAM),
        "get_orders": api_event(),
        "get_order": order_event("GET", ORDER),
        "update_order": order_event("PATCH", ORDER, SAM, body={"status": "ready"}),
        "replace_order": order_event("PUT", ORDER, body=ITEMS),
        "delete_order": order_event("DELETE", ORDER, ANN_WITH_DELETE),
        "default_route": api_event("TRACE"),
        "create_queued_order": sqs_event(sqs_record(ITEMS, customer="ann")),
        "publish_changes": stream_event(stream_record("INSERT", new=ORDER)),
        "accept_order": placed,
        "create_photo": api_event("POST", body={"userid": "ann", "photo": encoded(picture())}),
        "reserve_photo": api_event("POST", body={"contentType": "image/png", "size": 100}),
        "get_photos": api_event(),
        "get_photo": api_event(parameters=photo),
        "delete_photo": api_event("DELETE", parameters=photo),
        "file_photo": sqs_event(sqs_record(uploaded)),
        "create_invoice": api_event("POST", body=invoice),
        "get_invoices": api_event(),
        "get_invoice": api_event(parameters=draft),
        "update_invoice": api_event("PATCH", parameters=draft, body={"amount": 2100}),
        "delete_invoice": api_event("DELETE", parameters=draft),
        "send_invoice": api_event("POST", parameters=draft),
        "get_ledger": api_event(parameters=draft),
        "get_payment": api_event(parameters=link),
        "pay_invoice": api_event("POST", parameters=link, body={"method": "card"}),
        "invoice_order": FILLED,
        "start_workflow": placed,
        "answer_kitchen": sqs_event(sqs_record({"order": placed_body(ORDER.id), "taskToken": "t"})),
        "check_order": STEP,
        "take_payment": STEP,
        "confirm_order": STEP,
        "cancel_order": STEP,
        "refund_payment": STEP,
    }


def environment(address: str) -> dict[str, str]:
    """The environment variables of all functions, with AWS at `address`."""
    return {
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": address,
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "POWERTOOLS_METRICS_NAMESPACE": "bench",
        "POWERTOOLS_SERVICE_NAME": "bench",
        "ORDERS_TABLE": "orders",
        "ORDER_RETENTION_DAYS": "30",
        "OPEN_ORDERS": "0",
        "ORDER_WORKFLOW": "false",
        "CAFE_TABLE": "cafe",
        "CURRENCY": "EUR",
        "TAX_PERCENT": "0",
        "MENU_ONLY": "true",
        "OPENING_HOURS": "",
        "TIME_ZONE": "UTC",
        "AUTO_ACCEPT": "true",
        "MAX_RECEIVES": "5",
        "ORDERS_QUEUE_URL": f"{address}/123456789012/orders",
        "USER_NOTIFICATION_TOPIC_ARN": "arn:aws:sns:eu-central-1:123456789012:notification",
        "NOTIFICATIONS_TABLE": "notifications",
        "STATE_MACHINE_ARN": "arn:aws:states:eu-central-1:123456789012:stateMachine:workflow",
        "KITCHEN_ANSWER": "accepted",
        "PAYMENTS_TABLE": "payments",
        "PAYMENT_ANSWER": "approved",
        "GUEST_KEY": "key-of-guests",
        "GUEST_MINUTES": "720",
        "ORIGIN_KEY_SHA256": "",
        "TOKEN_ISSUER": ISSUER,
        "USER_POOL_CLIENT_ID": CLIENT,
        "JWKS_URL": f"{address}/jwks.json",
        "PHOTOS_TABLE": "photos",
        "PHOTOS_BUCKET": "photos",
        "PHOTOS_ADDRESSING": "path",
        "PHOTO_QUOTA_COUNT": "5",
        "PHOTO_QUOTA_MEGABYTES": "50",
        "INVOICES_TABLE": "invoices",
        "LEDGER_TABLE": "ledger",
        "LEDGER_HEADS_TABLE": "heads",
        "MAIL_FROM": "cafe@example.com",
        "PAY_URL": "https://cafe.example/dev/pay/",
        "PAY_PAGE": "https://cafe.example/pay.html",
    }


def succeeded(answer: Any) -> bool:
    """Whether a function's answer reports success. A step or the authorizer raises on failure; the default route
    succeeds with a 405."""
    return (
        answer.get("statusCode", 200) < 300 or answer["statusCode"] == HTTPStatus.METHOD_NOT_ALLOWED
    ) and not answer.get("batchItemFailures")
