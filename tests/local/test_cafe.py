"""The whole café end to end: HTTP requests in, customer notifications out."""

import json
import time
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from local.cafe.seed import PASSWORD
from tests.local.conftest import TIMEOUT_SECONDS, Subscriber, eventually, fetch, soonest

ACCEPTED_SECONDS = 5
"""Maximum time until the kitchen accepts an order."""

CAPPUCCINO = {"items": [{"name": "Cappuccino", "type": "coffee", "qty": 1}]}


@pytest.fixture(scope="module")
def ann(cafe):
    return cafe.sign_in("ann")


@pytest.fixture(scope="module")
def sam(cafe):
    return cafe.sign_in("sam")


@pytest.fixture(scope="module")
def subscriber(cafe):
    return Subscriber(cafe, "cafe")


@pytest.fixture(scope="module")
def site(cafe):
    address = urlsplit(cafe.outputs["webappUrl"])
    with httpx.Client(
        base_url=f"http://127.0.0.1:{cafe.port}/",
        headers={"Host": address.netloc},
        timeout=TIMEOUT_SECONDS,
        trust_env=False,
    ) as client:
        yield client


def test_all_documented_outputs_exist(cafe):
    assert cafe.outputs.keys() >= {
        *("webappBucketName", "webappDnsUrl", "webappUrl", "distributionId", "apiUrl", "ordersTableName"),
        *("ordersTableArn", "ordersQueueUrl", "ordersDlqUrl", "userNotificationTopicArn", "userPoolId"),
        *("userPoolClientId", "userPoolDomain", "getOrdersLambda", "getOrderLambda", "createOrderLambda"),
        *("updateOrderLambda", "replaceOrderLambda", "deleteOrderLambda", "queuedOrderLambda", "dynamoLambda"),
        *("sqsLambda", "authenticateLambda", "authorizerLambda", "intakeQueueUrl", "intakeDlqUrl"),
        *("streamFailuresUrl", "operationsTopicArn", "dashboardName"),
    }
    assert all(cafe.outputs.values())


def test_an_order_is_accepted_and_the_customer_is_notified(cafe, ann, subscriber):
    placed = cafe.api.post("orders", json=CAPPUCCINO, headers=ann)
    assert placed.status_code == 201
    order = placed.json()
    assert order["status"] == "created"
    location = urljoin(f"{cafe.outputs['apiUrl']}orders", placed.headers["Location"])
    assert location == f"{cafe.outputs['apiUrl']}orders/{order['customer']}/{order['id']}"

    def accepted():
        return cafe.api.get(f"orders/{order['customer']}/{order['id']}", headers=ann).json()["status"] == "accepted"

    def notifications():
        return [sent for sent in subscriber.notifications() if json.loads(sent["Message"])["id"] == order["id"]]

    eventually(accepted)
    [notification] = eventually(notifications)
    assert notification["Subject"] == f"Order {order['id']}: accepted"
    message = json.loads(notification["Message"])
    assert (message["status"], message["previousStatus"]) == ("accepted", "created")
    assert message["text"] == f"The kitchen has accepted your order {order['id']}."
    assert {name: value["Value"] for name, value in notification["MessageAttributes"].items()} == {
        "customer": order["customer"],
        "status": "accepted",
    }


def test_an_order_is_accepted_within_seconds(cafe, ann):
    def seconds():
        began = time.monotonic()
        order = cafe.api.post("orders", json=CAPPUCCINO, headers=ann).json()
        path = f"orders/{order['customer']}/{order['id']}"
        eventually(lambda: cafe.api.get(path, headers=ann).json()["status"] == "accepted")
        return time.monotonic() - began

    assert soonest(seconds, ACCEPTED_SECONDS) < ACCEPTED_SECONDS


def test_a_repeated_order_is_the_same_order(cafe, ann):
    first = cafe.api.post("orders", json={**CAPPUCCINO, "id": "twice"}, headers=ann)
    again = cafe.api.post("orders", json={**CAPPUCCINO, "id": "twice"}, headers=ann)
    other = cafe.api.post("orders", json={"name": "Lemonade", "quantity": 1, "id": "twice"}, headers=ann)

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json()["_createdAt"] == first.json()["_createdAt"]


def test_a_queued_order_has_the_message_id(cafe, ann):
    body = {"name": 'Q "quoted" & é☕\n+%', "quantity": 2, "restaurantId": 7}

    queued = cafe.api.post("orders/queued", json=body, headers=ann)

    assert queued.status_code == 202
    message_id = queued.json()["SendMessageResponse"]["SendMessageResult"]["MessageId"]
    [order] = eventually(lambda: [o for o in cafe.api.get("orders", headers=ann).json() if o["id"] == message_id])
    assert order["items"] == [{"name": body["name"], "type": "", "qty": 2}]
    assert order["restaurantId"] == 7


def test_an_order_moves_through_its_lifecycle(cafe, ann, sam):
    order = cafe.api.post("orders", json=CAPPUCCINO, headers=ann).json()
    path = f"orders/{order['customer']}/{order['id']}"
    eventually(lambda: cafe.api.get(path, headers=ann).json()["status"] == "accepted")

    by_customer = cafe.api.patch(path, json={"status": "ready"}, headers=ann)
    ready = cafe.api.patch(path, json={"status": "ready"}, headers=sam)
    filled = cafe.api.patch(path, json={"status": "filled"}, headers=sam)
    back = cafe.api.patch(path, json={"status": "created"}, headers=sam)
    too_late = cafe.api.put(path, json={"items": [{"name": "Lemonade", "qty": 1}]}, headers=ann)

    answers = [by_customer, ready, filled, back, too_late]
    assert [answer.status_code for answer in answers] == [403, 200, 200, 409, 409]
    assert filled.json()["staff"] == ready.json()["staff"] != order["customer"]
    assert filled.json()["_filledAt"] >= order["_createdAt"]


def test_a_filter_policy_limits_the_notifications(cafe, ann, sam, subscriber):
    # The filter policy of docs/guide.md.
    ready = Subscriber(cafe, "ready", FilterPolicy='{"status": ["ready"]}')
    order = cafe.api.post("orders", json=CAPPUCCINO, headers=ann).json()
    path = f"orders/{order['customer']}/{order['id']}"
    eventually(lambda: cafe.api.get(path, headers=ann).json()["status"] == "accepted")
    for status in ("ready", "filled"):
        assert cafe.api.patch(path, json={"status": status}, headers=sam).status_code == 200

    # `filled` is the last notification: no others are in flight.
    eventually(lambda: subscriber.counts()[order["id"], "filled"])
    eventually(lambda: ready.counts()[order["id"], "ready"])
    received = ready.counts()

    assert [(status, times) for (id_, status), times in received.items() if id_ == order["id"]] == [("ready", 1)]
    assert {status for _, status in received} == {"ready"}


def test_paging_returns_all_orders_in_order(cafe, ann):
    for n in range(3):
        assert cafe.api.post("orders", json={**CAPPUCCINO, "id": f"page-{n}"}, headers=ann).status_code == 201
    whole = cafe.api.get("orders?limit=100", headers=ann).json()

    pages, url = [], "orders?limit=2"
    while url:
        page = cafe.api.get(url, headers=ann)
        pages += page.json()
        url = page.links["next"]["url"] if "next" in page.links else None

    assert [order["id"] for order in pages] == [order["id"] for order in whole]
    assert [order["_createdAt"] for order in whole] == sorted((o["_createdAt"] for o in whole), reverse=True)


def test_staff_see_everyones_orders_and_customers_only_their_own(cafe, ann, sam):
    own = cafe.api.get("orders?limit=100", headers=ann).json()
    everyones = cafe.api.get("orders?limit=100", headers=sam).json()
    [customer] = {order["customer"] for order in own}

    assert len({order["customer"] for order in everyones}) > 1

    def both_see_the_same():
        by_staff = cafe.api.get(f"orders?limit=100&customer={customer}", headers=sam).json()
        return by_staff == cafe.api.get("orders?limit=100", headers=ann).json()

    # The kitchen may accept an order between the two requests.
    eventually(both_see_the_same)
    [stranger] = {order["customer"] for order in everyones} - {customer}
    assert cafe.api.get(f"orders?customer={stranger}", headers=ann).status_code == 403
    foreign = next(order for order in everyones if order["customer"] == stranger)
    assert cafe.api.get(f"orders/{stranger}/{foreign['id']}", headers=ann).status_code == 403


@pytest.mark.parametrize("header", ["Accept", "Content-Type"])
def test_a_list_is_html_on_request(cafe, ann, sam, header):
    cafe.api.put("menu/%3Cscript%3Ealert(1)", json={"price": 1}, headers=sam).raise_for_status()
    order = cafe.api.post("orders", json={"name": "<script>alert(1)", "quantity": 1}, headers=ann).json()
    cafe.api.delete("menu/%3Cscript%3Ealert(1)", headers=sam).raise_for_status()

    answer = cafe.api.get("orders", headers={**ann, header: "text/html"})

    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f'id="{order["id"]}"' in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "<script" not in answer.text


def test_deleting_requires_the_scope(cafe, ann, sam):
    order = cafe.api.post("orders", json=CAPPUCCINO, headers=ann).json()

    for caller in (ann, sam):
        answer = cafe.api.delete(f"orders/{order['customer']}/{order['id']}", headers=caller)
        assert_problem(answer, 403)


@pytest.mark.parametrize(
    "credentials",
    [
        {"username": "ann@example.com", "password": "Wrong-password-1"},
        {"username": "nobody@example.com", "password": PASSWORD},
        {"refreshToken": "not one of ours"},
    ],
    ids=["wrong password", "unknown user", "unknown refresh token"],
)
def test_all_wrong_credentials_get_the_same_answer(cafe, credentials):
    answer = cafe.api.post("authenticate", json=credentials)

    assert_problem(answer, 401)
    assert answer.json()["detail"] == ("The user name or the password is wrong, or the token is no longer valid.")


def test_sign_in_returns_tokens_and_a_refresh_token_renews_them(cafe):
    signed_in = cafe.api.post("authenticate", json={"username": "bob@example.com", "password": PASSWORD})
    tokens = signed_in.json()
    assert tokens.keys() == {"token", "accessToken", "idToken", "refreshToken", "expiresIn", "tokenType"}
    assert tokens["token"] == tokens["accessToken"]
    # API Gateway would rename the header.
    assert "Authorization" not in signed_in.headers

    refreshed = cafe.api.post("authenticate", json={"refreshToken": tokens["refreshToken"]})

    assert refreshed.status_code == 200
    # With and without `Bearer`.
    for value in (refreshed.json()["token"], f"bearer {refreshed.json()['token']}"):
        assert cafe.api.get("orders", headers={"Authorization": value}).status_code == 200


@pytest.mark.parametrize("token", [None, "", "x", "Bearer", "Bearer x.y.z", "Basic YTpi"])
def test_a_request_without_a_valid_token_is_a_401(cafe, token):
    headers = {} if token is None else {"Authorization": token}

    for method, path in [("GET", "orders"), ("POST", "orders"), ("POST", "orders/queued"), ("DELETE", "orders/a/b")]:
        assert_problem(cafe.api.request(method, path, headers=headers), 401)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"items": []}',
        b'{"items": [{"name": "x", "qty": 0}]}',
        b'{"items": [{"name": "x", "qty": 1}], "surprise": 1}',
        b'{"items": [{"name": "x", "qty": 1}], "name": "x", "quantity": 1}',
        b'{"items": [{"name": "\\ud800", "qty": 1}]}',
        b'{"items": [{"name": "x", "qty": 1}], "id": "no spaces"}',
    ],
)
def test_a_bad_body_is_a_400(cafe, ann, body):
    for content_type in ("application/json", "text/plain"):
        answer = cafe.api.post("orders", content=body, headers={**ann, "Content-Type": content_type})
        assert_problem(answer, 400)


def test_a_huge_body_is_refused(cafe, ann):
    body = json.dumps({**CAPPUCCINO, "restaurantId": "x" * 70_000}).encode()

    for content_type in ("application/json", "text/plain"):
        answer = cafe.api.post("orders", content=body, headers={**ann, "Content-Type": content_type})
        assert answer.status_code in (400, 413)


@pytest.mark.parametrize(
    "body",
    [json.dumps(CAPPUCCINO).encode() + b" " * 70_000, '{"name": "x\uffff", "quantity": 1}'.encode()],
    ids=["too large", "a character that SQS rejects"],
)
def test_an_order_that_sqs_rejects_is_a_400(cafe, ann, body):
    answer = cafe.api.post("orders/queued", content=body, headers={**ann, "Content-Type": "application/json"})

    assert_problem(answer, 400)


@pytest.mark.parametrize("key", ["x" * 65, "x" * 2000, "%20", "%2F", "%00", "é"])
def test_an_impossible_key_is_a_404(cafe, sam, key):
    for customer in ("somebody", "x" * 3000):
        assert_problem(cafe.api.get(f"orders/{customer}/{key}", headers=sam), 404)


@pytest.mark.parametrize("path", ["", "orders", "orders/queued", "orders/a/b", "authenticate", "no/such/path"])
def test_every_path_answers_preflights(cafe, path):
    answer = cafe.api.options(path)

    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


def test_an_unknown_path_is_a_404(cafe, ann):
    assert_problem(cafe.api.get("nothing/here", headers=ann), 404)


def test_the_site_is_served_with_its_settings_and_strict_headers(cafe, site):
    page = site.get("/")
    settings = site.get("/api.json")

    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert settings.json()["api"] == {"apiUrl": "/dev/"}


def test_the_site_serves_the_api_on_its_own_origin(site, cafe, ann):
    # The kitchen may accept an order between the two requests.
    eventually(lambda: site.get("/dev/orders", headers=ann).json() == cafe.api.get("orders", headers=ann).json())
    # An API error is passed through, not replaced by a page.
    assert_problem(site.get("/dev/orders"), 401)


def test_the_bucket_is_not_public(cafe):
    bucket = cafe.outputs["webappBucketName"]

    assert fetch(f"http://127.0.0.1:{cafe.port}/{bucket}/index.html").status_code == 403


def test_no_secrets_are_logged(cafe):
    headers = cafe.sign_in("bob")
    cafe.api.get("orders", headers=headers)
    logs = cafe.aws.client("logs")
    written = []
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            events = logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
            written += [event["message"] for event in events]

    assert any('"answered"' in line for line in written)
    token = headers["Authorization"].removeprefix("Bearer ")
    assert not [line for line in written if PASSWORD in line or token in line or token.split(".")[2] in line]


def assert_problem(answer, status):
    """Assert that the answer is a problem document with this status, readable from other origins."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json().keys() >= {"type", "title", "status", "detail"}
    assert answer.json()["status"] == status


@pytest.mark.parametrize("path", ["orders", "orders/queued"])
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "instance at /"),
        ({"items": [{"name": "Lemonade", "qty": 0}]}, "/items/0/qty"),
        ({"items": [{"name": "Lemonade", "qty": 1}], "price": 1}, '"price"'),
    ],
)
def test_the_gateways_400_names_the_field(cafe, ann, path, body, field):
    answer = cafe.api.post(path, json=body, headers=ann)

    assert_problem(answer, 400)
    assert field in answer.json()["detail"]


@pytest.mark.parametrize("path", ["orders/", "photos/", "invoices/"])
def test_a_trailing_slash_is_a_404(cafe, ann, path):
    answer = cafe.api.get(path, headers=ann)

    assert_problem(answer, 404)
    assert "slash" in answer.json()["detail"]


def test_a_write_with_a_stale_etag_is_a_412(cafe, ann):
    placed = cafe.api.post("orders", json=CAPPUCCINO, headers=ann)
    path = f"orders/{placed.json()['customer']}/{placed.json()['id']}"
    eventually(lambda: cafe.api.get(path, headers=ann).json()["status"] == "accepted")
    seen = cafe.api.get(path, headers=ann).headers["ETag"]
    assert seen != placed.headers["ETag"]

    stale = cafe.api.patch(path, json={"status": "cancelled"}, headers={**ann, "If-Match": placed.headers["ETag"]})
    fresh = cafe.api.patch(path, json={"status": "cancelled"}, headers={**ann, "If-Match": seen})

    assert_problem(stale, 412)
    assert (fresh.status_code, fresh.json()["status"]) == (200, "cancelled")
    assert fresh.headers["ETag"] not in (seen, placed.headers["ETag"])


def test_an_unchanged_order_is_a_304(cafe, ann):
    [order, *_] = eventually(lambda: cafe.api.get("orders?status=accepted", headers=ann).json())
    path = f"orders/{order['customer']}/{order['id']}"
    first = cafe.api.get(path, headers=ann)

    again = cafe.api.get(path, headers={**ann, "If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "_revision" not in first.json()


def test_head_answers_like_get_without_the_body(cafe, ann):
    [order, *_] = cafe.api.get("orders", headers=ann).json()

    for path in ("orders?limit=1", f"orders/{order['customer']}/{order['id']}"):
        got, headed = cafe.api.get(path, headers=ann), cafe.api.head(path, headers=ann)

        assert (headed.status_code, headed.content) == (200, b"")
        for header in ("Content-Type", "ETag", "Link"):
            assert headed.headers.get(header) == got.headers.get(header)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "orders", "GET, HEAD, OPTIONS, POST"),
        ("GET", "authenticate", "OPTIONS, POST"),
        ("GET", "orders/queued", "OPTIONS, POST"),
        ("POST", "orders/a/b", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
    ],
)
def test_another_method_on_a_known_path_is_a_405(cafe, ann, method, path, allowed):
    answer = cafe.api.request(method, path, headers=ann)

    assert_problem(answer, 405)
    assert answer.headers["Allow"] == allowed


@pytest.mark.parametrize("media_type", ["application/json", "text/csv; charset=utf-16", "x/y", "*/*", "nonsense"])
@pytest.mark.parametrize(("path", "status"), [("authenticate", 405), ("orders/a/b", 405), ("nothing", 404), ("", 404)])
def test_what_no_route_matches_is_refused_whatever_the_type_of_its_body(cafe, media_type, path, status):
    method = "PUT" if path == "authenticate" else "POST"

    answer = cafe.api.request(method, path, headers={"Content-Type": media_type}, content=b"\xff{")

    assert_problem(answer, status)
