"""What a local run starts with: the site, users and orders."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from ops.stack import Stack

from ..emulator_client import Aws
from ..errors import UserError
from ..session import Session

PASSWORD = "Cafe-local-1"  # noqa: S105
"""Every seeded user's password. It is public, and valid only in a local run."""


class User(NamedTuple):
    """A user to create, in a group or in none."""

    email: str
    group: str | None = None

    @property
    def role(self) -> str:
        """The group, or `customer` without one."""
        return self.group or "customer"


USERS = (User("ann@example.com"), User("bob@example.com"), User("sam@example.com", "staff"))

Item = dict[str, str | int]

ORDERS: dict[str, list[list[Item]]] = {
    "ann@example.com": [
        [{"name": "Espresso", "type": "coffee", "qty": 1}, {"name": "Croissant", "type": "bakery", "qty": 2}],
        [{"name": "Lemonade", "type": "cold", "qty": 1}],
    ],
    "bob@example.com": [[{"name": "Cappuccino", "type": "coffee", "qty": 2}]],
}
"""The items of each order, by customer."""


def seed(aws: Aws, outputs: dict[str, Any], port: int) -> None:
    """Create the users, and place the orders through the API unless there are any. Raises `UserError` if a request
    fails."""
    for user in USERS:
        make_user(aws, outputs["userPoolId"], user)
    if aws.client("dynamodb").scan(TableName=outputs["ordersTableName"], Limit=1)["Count"]:
        return
    # One at a time: two in parallel would each wait for a process of the same functions to start.
    with api_client(outputs["apiUrl"], port) as api:
        for email in ORDERS:
            place_orders(api, email)


def fill(session: Session) -> None:
    """Publish the site, and seed the menu, the users and orders."""
    # Imported late: a program that fails does not need them.
    from ops.menu import seed_menu
    from ops.publish import publish

    stack = stack_of(session)
    seed_menu(stack)
    # In parallel, because the first orders wait for functions to start.
    with ThreadPoolExecutor(1) as worker:
        published = worker.submit(publish, stack)
        seed(session.aws, session.outputs, session.port)
        published.result()


def stack_of(session: Session) -> Stack:
    """The café's stack of a run."""
    return Stack(session.outputs, session.aws.client)


def make_user(aws: Aws, pool: str, user: User) -> None:
    """Create a user with a verified email address and a permanent password, unless it exists."""
    cognito = aws.client("cognito-idp")
    attributes = [{"Name": "email", "Value": user.email}, {"Name": "email_verified", "Value": "true"}]
    with contextlib.suppress(cognito.exceptions.UsernameExistsException):
        cognito.admin_create_user(
            UserPoolId=pool, Username=user.email, UserAttributes=attributes, MessageAction="SUPPRESS"
        )
    cognito.admin_set_user_password(UserPoolId=pool, Username=user.email, Password=PASSWORD, Permanent=True)
    if user.group:
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=user.email, GroupName=user.group)


def place_orders(api: httpx.Client, email: str) -> None:
    """Sign in as a customer and place the customer's orders."""
    signed_in = _ok(api.post("authenticate", json={"username": email, "password": PASSWORD}))
    authorization = {"Authorization": f"Bearer {signed_in.json()['token']}"}
    for items in ORDERS[email]:
        _ok(api.post("orders", json={"items": items}, headers=authorization))


def api_client(url: str, port: int) -> httpx.Client:
    """An API client that connects to loopback and sends the `Host` header: only browsers resolve the host name."""
    address = urlsplit(url)
    return httpx.Client(
        base_url=f"http://127.0.0.1:{port}{address.path}", headers={"Host": address.netloc}, timeout=30, trust_env=False
    )


def _ok(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    raise UserError(f"{answer.request.method} {answer.request.url.path} returned {answer.status_code}: {answer.text}")
