"""Fixes the emulator: resolves the one policy variable that the café needs.

On AWS, `${cognito-identity.amazonaws.com:sub}` in a policy resolves to the ID of the identity whose identity pool
credentials sign the request (IAM user guide, "Policy variables"). ministack 1.5.33 takes resources literally, so such a
statement never applies. This patch inserts the ID only into the resources of such a session's own policies: no other
variable, no other kind of session.
"""

from dataclasses import replace
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import sts

VARIABLE = "${cognito-identity.amazonaws.com:sub}"


def substitute_identities() -> None:
    """Patch the emulator in this process to insert the identity when it looks up a caller's policies. Call once."""
    resolve = iam_evaluator.resolve_principal

    def resolve_with_identity(access_key_id: str, account_id: str, credential: Any = None) -> Any:
        principal = resolve(access_key_id, account_id, credential)
        identity = (sts._sessions.get(access_key_id) or {}).get("_identity_id")
        if not identity or isinstance(principal, iam_evaluator.AuthError) or principal.policies is None:
            return principal
        return replace(principal, policies=[[_filled(s, identity) for s in policy] for policy in principal.policies])

    iam_evaluator.resolve_principal = resolve_with_identity


def _filled(statement: Any, identity: str) -> Any:
    """A parsed statement with the identity's ID in its resources."""
    return replace(
        statement,
        resources=[resource.replace(VARIABLE, identity) for resource in statement.resources],
        not_resources=[resource.replace(VARIABLE, identity) for resource in statement.not_resources],
    )
