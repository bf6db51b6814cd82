"""The caller of a request."""

from typing import NamedTuple

STAFF = "staff"
"""The Cognito group of the café's staff."""

MAILERS = "mailers"
"""The Cognito group of users whom staff allow to have their invoices mailed."""

GUESTS = "guests"
"""The group of callers without an account. It is in the tokens that the café signs, and no group of the user pool."""

DISPLAYS = "displays"
"""The group of screens in the room. It is no group of the user pool either."""

DELETE_SCOPE = "order-api/delete_order"
"""The OAuth2 scope required to delete orders."""


class Caller(NamedTuple):
    """A caller: the Cognito user name, or a name that the café made for a guest or display; the token's groups and
    OAuth2 scopes, and the request's correlation ID."""

    name: str
    groups: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    correlation_id: str = ""

    @property
    def is_staff(self) -> bool:
        """Whether the caller is in the group `staff`."""
        return STAFF in self.groups

    @property
    def is_display(self) -> bool:
        """Whether the caller is a screen in the room, which may call only what displays may."""
        return DISPLAYS in self.groups

    @property
    def has_account(self) -> bool:
        """Whether the caller has an account in the user pool."""
        return self.groups.isdisjoint((GUESTS, DISPLAYS))

    @property
    def may_mail(self) -> bool:
        """Whether the café mails the caller's invoices."""
        return self.is_staff or MAILERS in self.groups
