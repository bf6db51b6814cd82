"""Live updates, over the emulator's event API."""

import json
import time
from urllib.parse import urlsplit

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from websockets.exceptions import ConnectionClosed

from tests.local.conftest import eventually
from tests.local.screen import Refused, connected, header, opened

ESPRESSO = {"name": "Espresso", "quantity": 1}


class User:
    """A signed-in user: their token and their name in channels."""

    def __init__(self, cafe, name):
        self.headers = cafe.sign_in(name)
        self.token = self.headers["Authorization"].removeprefix("Bearer ")
        pool = cafe.outputs["userPoolId"]
        found = cafe.aws.client("cognito-idp").admin_get_user(UserPoolId=pool, Username=f"{name}@example.com")
        self.name = found["Username"]
        self.channel = f"/orders/customers/{self.name}"


@pytest.fixture(scope="module")
def users(cafe):
    return {name: User(cafe, name) for name in ("ann", "bob", "sam")}


def place(cafe, user):
    answer = cafe.api.post("orders", headers=user.headers, json=ESPRESSO)
    assert answer.status_code == 201
    return answer.json()


def path(order):
    return f"orders/{order['customer']}/{order['id']}"


def move(cafe, staff, order, status):
    return cafe.api.patch(path(order), headers=staff.headers, json={"status": status}).status_code


def status(cafe, user, order):
    return cafe.api.get(path(order), headers=user.headers).json()["status"]


def states(screen, id, *expected):
    """Receive events until all expected states of an order were told, in any order."""
    missing = set(expected)
    while missing:
        event = screen.event()
        if event["order"]["id"] == id:
            missing.discard("removed" if event.get("removed") else event["order"]["status"])
    return True


def test_a_customer_hears_of_their_order_without_asking(cafe, users):
    ann = users["ann"]
    with connected(cafe.outputs, ann.token) as screen:
        screen.subscribe(ann.channel, ann.token)

        order = place(cafe, ann)

        told = next(event for event in iter(screen.event, None) if event["order"]["id"] == order["id"])
        assert told == {"order": order}
        assert states(screen, order["id"], "accepted")


def test_the_board_hears_of_everyones_orders(cafe, users):
    ann, bob, sam = users.values()
    with connected(cafe.outputs, sam.token) as board, connected(cafe.outputs, bob.token) as screen:
        board.subscribe("orders/board", sam.token)
        screen.subscribe(bob.channel, bob.token)

        first, second = place(cafe, ann), place(cafe, bob)
        for order in (first, second):
            eventually(lambda order=order: move(cafe, sam, order, "ready") == 200)

        assert states(board, first["id"], "created", "accepted", "ready")
        assert states(screen, second["id"], "created", "accepted", "ready")
        assert first["id"] not in json.dumps(screen.waiting)


def test_other_screens_hear_of_a_deleted_order(cafe, users):
    sam = users["sam"]
    table = cafe.aws.client("dynamodb")
    with connected(cafe.outputs, sam.token) as board:
        board.subscribe("/orders/board", sam.token)
        order = place(cafe, users["ann"])
        assert states(board, order["id"], "accepted")

        key = {"customer": {"S": order["customer"]}, "id": {"S": order["id"]}}
        table.delete_item(TableName=cafe.outputs["ordersTableName"], Key=key)

        assert states(board, order["id"], "removed")


OTHERS = [
    pytest.param("ann", "/orders/board", id="a customer, the board"),
    pytest.param("ann", "/orders/customers/{bob}", id="a customer, another's channel"),
    *(
        pytest.param(who, channel, id=f"{who}, {channel}")
        for who in ("ann", "sam")
        for channel in (
            "/orders/*",
            "/orders/customers/*",
            "/other/board",
            "/orders",
            "orders%2Fboard",
            "/orders/menu/",
        )
    ),
    *(
        pytest.param("sam", channel, id=f"sam, {channel}")
        for channel in ("//orders/board", "/orders/board/", "/orders/board/*", "/Orders/board", "/orders/customers%2Fx")
    ),
]


@pytest.mark.parametrize(("who", "channel"), OTHERS)
def test_every_other_subscription_is_refused(cafe, users, who, channel):
    user = users[who]
    with connected(cafe.outputs, user.token) as screen:
        with pytest.raises(Refused):
            screen.subscribe(channel.replace("{bob}", users["bob"].name), user.token)

        # The connection is as good as before.
        screen.subscribe(user.channel, user.token)


def test_a_borrowed_token_opens_its_own_channel_only(cafe, users):
    """Each subscription is decided by its own token, not by the connection's."""
    ann, bob = users["ann"], users["bob"]
    with connected(cafe.outputs, users["sam"].token) as screen:
        with pytest.raises(Refused):
            screen.subscribe("/orders/board", ann.token)
        with pytest.raises(Refused):
            screen.subscribe(bob.channel, ann.token)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda token: "", id="none"),
        pytest.param(lambda token: "garbage", id="garbage"),
        pytest.param(lambda token: token[:-4] + "AAAA", id="another signature"),
        pytest.param(lambda token: f"AWS4-HMAC-SHA256 {token}", id="a signature's scheme"),
        pytest.param(lambda token: token.partition(".")[0] + ".." + token, id="a confused token"),
    ],
)
def test_a_forged_token_neither_connects_nor_subscribes(cafe, users, change):
    ann = users["ann"]
    forged = change(ann.token)

    with pytest.raises(Refused, match="UnauthorizedException"), connected(cafe.outputs, forged):
        pass
    with connected(cafe.outputs, ann.token) as screen, pytest.raises(Refused):
        screen.subscribe(ann.channel, forged)


def test_a_refused_connection_is_closed(cafe):
    with opened(cafe.outputs, header(host="x", Authorization="garbage")) as connection:
        refused = json.loads(connection.recv(timeout=60))
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(timeout=60)

    assert refused["errors"][0]["errorCode"] == 401
    assert closed.value.rcvd.code == 1000


def test_messages_are_not_compressed(cafe):
    with opened(cafe.outputs, header(host="x", Authorization="garbage")) as connection:
        assert connection.protocol.extensions == []


def test_nobody_publishes_with_a_token(cafe, users):
    sam = users["sam"]
    body = {"channel": "/orders/board", "events": ['{"order": {}}']}
    url = f"http://127.0.0.1:{cafe.port}/event"
    host = urlsplit(cafe.outputs["liveHttpUrl"]).netloc
    signature = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/appsync/aws4_request, SignedHeaders=host, Signature=b"

    for authorization in (sam.token, sam.headers["Authorization"], "", signature):
        headers = {"Host": host, "Authorization": authorization}
        assert httpx.post(url, headers=headers, json=body, trust_env=False).status_code in (401, 403)
    with connected(cafe.outputs, sam.token) as screen:
        screen.subscribe("/orders/board", sam.token)
        for authorization in ({"Authorization": sam.token}, {"Authorization": signature}):
            screen.send(type="publish", id="1", authorization=authorization, **body)
            assert screen.receive("publish_error", "publish_success")["type"] == "publish_error"
        with pytest.raises(TimeoutError):
            screen.event(seconds=0.3)


def signed_publish(cafe, credentials, channel="/orders/board"):
    host = urlsplit(cafe.outputs["liveHttpUrl"]).netloc
    content = json.dumps({"channel": channel, "events": ['{"order": {"id": "it"}}']})
    request = AWSRequest("POST", f"http://127.0.0.1:{cafe.port}/event", {"Host": host}, content)
    SigV4Auth(credentials, "appsync", "us-east-1").add_auth(request)
    return httpx.post(request.url, headers=dict(request.headers), content=content, trust_env=False)


def role(cafe, name, namespace):
    """Credentials of a new role that may publish to one namespace of the event API."""
    iam, account = cafe.aws.client("iam"), cafe.aws.client("sts").get_caller_identity()["Account"]
    [api] = cafe.aws.client("appsync").list_apis()["apis"]
    trust = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]["Arn"]
    grant = {
        "Effect": "Allow",
        "Action": "appsync:EventPublish",
        "Resource": f"{api['apiArn']}/channelNamespace/{namespace}",
    }
    iam.put_role_policy(RoleName=name, PolicyName="it", PolicyDocument=json.dumps({"Statement": [grant]}))
    made = cafe.aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="it")["Credentials"]
    return Credentials(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


def test_publishing_requires_the_permission_on_the_namespace(cafe):
    allowed = signed_publish(cafe, role(cafe, "live-allowed", "orders"))
    denied = signed_publish(cafe, role(cafe, "live-denied", "other"))

    assert (allowed.status_code, denied.status_code) == (200, 403)
    assert "appsync:EventPublish" in denied.text


def test_the_pipeline_is_as_quick_and_complete_without_an_event_api(cafe, users):
    """The event API disappears: orders are accepted all the same, and the alarm's metric counts."""
    client = cafe.aws.client("lambda")
    name = cafe.outputs["dynamoLambda"]
    variables = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    broken = {**variables, "LIVE_URL": "http://127.0.0.1:9/event"}
    try:
        client.update_function_configuration(FunctionName=name, Environment={"Variables": broken})
        orders = [place(cafe, users["ann"]) for _ in range(5)]
        started = time.monotonic()
        for order in orders:
            eventually(lambda order=order: status(cafe, users["ann"], order) == "accepted")
        assert time.monotonic() - started < 30
    finally:
        client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    logs, group = (
        cafe.aws.client("logs"),
        client.get_function_configuration(FunctionName=name)["LoggingConfig"]["LogGroup"],
    )
    assert eventually(lambda: logs.filter_log_events(logGroupName=group, filterPattern="LiveFailures")["events"])
