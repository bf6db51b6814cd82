"""Policy documents of recorded resources, parsed with the policy pack's functions."""

from policy import documents
from policy.documents import Statement, allowed, listed, matches, permits
from tests.components.recorder import Recorded

__all__ = ["Statement", "allowed", "listed", "matches", "permits", "statements"]


def statements(resource: Recorded, property: str = "policy") -> list[Statement]:
    """The statements of a resource's policy document."""
    return documents.statements(resource[property])
