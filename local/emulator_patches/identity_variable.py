"""A mend for the emulator: the one variable in policies that the café needs, and that the emulator takes for mere text.

On AWS `${cognito-identity.amazonaws.com:sub}` in a policy stands for the id of the identity whose credentials from an
identity pool a request is made with (IAM user guide, "Policy variables"). The emulator, as of ministack 1.5.33, takes
resources as they are written, so that no such statement ever applies. Here the id is put in, in the resources of what
such a session's own policies say, and nowhere else: no other variable, no other kind of session.
"""

from dataclasses import replace
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import sts

VARIABLE = "${cognito-identity.amazonaws.com:sub}"


def fill_in_identities() -> None:
    """Put identities in wherever the emulator, in this process, looks up what a caller may do. To be called once."""
    resolve = iam_evaluator.resolve_principal

    def resolve_with_identity(access_key_id: str, account_id: str, credential: Any = None) -> Any:
        principal = resolve(access_key_id, account_id, credential)
        identity = (sts._sessions.get(access_key_id) or {}).get("_identity_id")
        if not identity or isinstance(principal, iam_evaluator.AuthError) or principal.policies is None:
            return principal
        return replace(principal, policies=[[_filled(s, identity) for s in policy] for policy in principal.policies])

    iam_evaluator.resolve_principal = resolve_with_identity


def _filled(statement: Any, identity: str) -> Any:
    """A parsed statement with the identity's id in its resources."""
    return replace(
        statement,
        resources=[resource.replace(VARIABLE, identity) for resource in statement.resources],
        not_resources=[resource.replace(VARIABLE, identity) for resource in statement.not_resources],
    )
