"""Displays: screens in the room, with a token that only shows what is being made or ready.

The token is random, and the café's table has its digest until somebody deletes the display. It has three parts, like
all tokens, so that API Gateway passes it to the authorizer.
"""

import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING

from lambdas.identity.models import Display, RegisteredDisplay
from lambdas.identity.tokens import InvalidToken
from lambdas.runtime import aws
from lambdas.runtime.caller import DISPLAYS, Caller
from lambdas.runtime.dynamodb_json import from_attributes, to_attributes
from lambdas.runtime.errors import Refusal

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

KIND = "display"

TOKEN = re.compile(rf"{KIND}\.(?P<id>[0-9a-f]{{16}})\.(?P<secret>[0-9a-f]{{64}})")


class Displays:
    """The displays in the café's table."""

    def __init__(self, table: str, client: "DynamoDBClient | None" = None) -> None:
        self._table = table
        self._client: DynamoDBClient = client or aws.client("dynamodb")

    def new(self, caller: Caller) -> Display:
        """A new display. Raises `Refusal`: `forbidden` unless the caller is staff."""
        _check_staff(caller)
        name, secret = secrets.token_hex(8), secrets.token_hex(32)
        item = to_attributes({"kind": KIND, "name": name, "digest": _digest(secret)})
        self._client.put_item(TableName=self._table, Item=item)
        return Display(name, f"{KIND}.{name}.{secret}")

    def all(self, caller: Caller) -> list[RegisteredDisplay]:
        """The first 1 MB of displays, about ten thousand. Raises `Refusal`: `forbidden` unless the caller is staff."""
        _check_staff(caller)
        found = self._client.query(
            TableName=self._table,
            KeyConditionExpression="kind = :kind",
            ExpressionAttributeValues=to_attributes({":kind": KIND}),
        )
        return [RegisteredDisplay(str(from_attributes(item)["name"])) for item in found["Items"]]

    def delete(self, caller: Caller, id: str) -> None:
        """Delete a display: its token is no longer valid. Raises `Refusal`: `forbidden` or `missing`."""
        _check_staff(caller)
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=to_attributes({"kind": KIND, "name": id}),
                ConditionExpression="attribute_exists(kind)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            raise Refusal("missing", "There is no such display.") from None

    def caller(self, token: str) -> Caller:
        """The display that has this token. Raises `InvalidToken`."""
        match = TOKEN.fullmatch(token)
        if match is None:
            raise InvalidToken("not a display's token")
        stored = self._stored_digest(match["id"])
        if stored is None or not hmac.compare_digest(stored, _digest(match["secret"])):
            raise InvalidToken("no display has this token")
        return Caller(f"{KIND}-{match['id']}", frozenset({DISPLAYS}))

    def check(self, caller: Caller) -> None:
        """Refuse unless the caller is staff or a display that still exists: API Gateway reuses the authorizer's answer
        for minutes. Raises `Refusal`: `unauthorized` or `forbidden`."""
        if not caller.is_display:
            _check_staff(caller)
        elif self._stored_digest(caller.name.removeprefix(f"{KIND}-")) is None:
            raise Refusal("unauthorized", "This display has been deleted.")

    def _stored_digest(self, id: str) -> str | None:
        key = to_attributes({"kind": KIND, "name": id})
        response = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return str(from_attributes(response["Item"])["digest"]) if "Item" in response else None


def _check_staff(caller: Caller) -> None:
    if not caller.is_staff:
        raise Refusal("forbidden", "Only staff may do this.")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
