"""The people and the orders that are there when the café opens on this machine."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from ops.emulator_client import Aws
from ops.errors import UserError

PASSWORD = "Cafe-local-1"  # noqa: S105
"""Well known, and of no use anywhere else."""


class User(NamedTuple):
    """Somebody who may sign in."""

    email: str
    group: str | None = None

    @property
    def role(self) -> str:
        """What they are here."""
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
"""By customer, the items of each order."""


def seed(aws: Aws, outputs: dict[str, Any], port: int) -> None:
    """Make the users, and place the orders the way everybody does. Raises `UserError` when that does not work."""
    for user in USERS:
        make_user(aws, outputs["userPoolId"], user)
    # One after the other: two at once would each wait for a process of the same functions to start.
    with api_client(outputs["apiUrl"], port) as api:
        for email in ORDERS:
            place_orders(api, email)


def make_user(aws: Aws, pool: str, user: User) -> None:
    """A user with a verified address and a password that is theirs."""
    cognito = aws.client("cognito-idp")
    attributes = [{"Name": "email", "Value": user.email}, {"Name": "email_verified", "Value": "true"}]
    cognito.admin_create_user(UserPoolId=pool, Username=user.email, UserAttributes=attributes, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=user.email, Password=PASSWORD, Permanent=True)
    if user.group:
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=user.email, GroupName=user.group)


def place_orders(api: httpx.Client, email: str) -> None:
    """Sign in and order."""
    signed_in = _ok(api.post("authenticate", json={"username": email, "password": PASSWORD}))
    authorization = {"Authorization": f"Bearer {signed_in.json()['token']}"}
    for items in ORDERS[email]:
        _ok(api.post("orders", json={"items": items}, headers=authorization))


def api_client(url: str, port: int) -> httpx.Client:
    """A client of an API whose host name only browsers resolve: it asks loopback, and names the host."""
    address = urlsplit(url)
    return httpx.Client(
        base_url=f"http://127.0.0.1:{port}{address.path}", headers={"Host": address.netloc}, timeout=30, trust_env=False
    )


def _ok(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    raise UserError(f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}: {answer.text}")
