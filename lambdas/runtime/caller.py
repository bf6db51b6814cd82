"""The caller of a request."""

from typing import NamedTuple

STAFF = "staff"
"""The Cognito group of the café's staff."""

MAILERS = "mailers"
"""The Cognito group of users whom staff allow to have their invoices mailed."""

DELETE_SCOPE = "order-api/delete_order"
"""The OAuth2 scope required to delete orders."""


class Caller(NamedTuple):
    """A caller: the Cognito user name, the token's groups and OAuth2 scopes, and the request's correlation ID."""

    name: str
    groups: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    correlation_id: str = ""

    @property
    def is_staff(self) -> bool:
        """Whether the caller is in the group `staff`."""
        return STAFF in self.groups

    @property
    def may_mail(self) -> bool:
        """Whether the café mails the caller's invoices."""
        return self.is_staff or MAILERS in self.groups
