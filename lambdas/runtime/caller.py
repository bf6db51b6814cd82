"""Who calls."""

from typing import NamedTuple

STAFF = "staff"
"""The Cognito group whose members work behind the counter."""

DELETE_SCOPE = "order-api/delete_order"
"""The OAuth2 scope without which nothing is deleted."""


class Caller(NamedTuple):
    """Who calls: a Cognito user name, the groups and the OAuth2 scopes of the token, and the id of the call."""

    name: str
    groups: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    correlation_id: str = ""

    @property
    def is_staff(self) -> bool:
        """Whether the caller works here."""
        return STAFF in self.groups
