"""Rules for who may assume a role."""

from collections.abc import Iterator

from policy.documents import allowed, condition_keys, document, listed, statements
from policy.kinds import ROLE
from policy.rule import Resource, example, rule

WITHOUT_SOURCE = frozenset({"apigateway.amazonaws.com"})
"""Services that pass neither a source account nor a source ARN when they assume a role. API Gateway documents none."""


def _trust(principal: object, **statement: object) -> Resource:
    return example(ROLE, assumeRolePolicy=document({"Effect": "Allow", "Principal": principal, **statement}))


@rule(
    "roles-trust-one-service",
    "A principal that can assume a role has all of its permissions.",
    on=[ROLE],
    violating=[
        [_trust("*")],
        [_trust({"AWS": "arn:aws:iam::1:root"})],
        [_trust({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]})],
        [_trust({"Federated": "cognito-identity.amazonaws.com"})],
    ],
    compliant=[
        [_trust({"Service": "lambda.amazonaws.com"})],
        [_trust({"Federated": "cognito-identity.amazonaws.com"}, Condition={"StringEquals": {"a:aud": "pool"}})],
    ],
)
def roles_trust_one_service(role: Resource) -> Iterator[str]:
    """A role trusts one AWS service, or one identity provider with a condition on its users."""
    for statement in allowed(statements(role["assumeRolePolicy"])):
        match statement.get("Principal"):
            case {"Service": str(), **others} if not others:
                continue
            case {"Federated": str(), **others} if not others and condition_keys(statement):
                continue
            case principal:
                yield (f"trusts {principal}: trust one service, or one identity provider with a condition on its users")


@rule(
    "roles-name-the-account-of-a-service",
    "A service acts for all accounts: without a condition, another account's resource could use the role through it.",
    on=[ROLE],
    violating=[[_trust({"Service": "lambda.amazonaws.com"})]],
    compliant=[
        [_trust({"Service": "lambda.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": "1"}})],
        [_trust({"Service": "states.amazonaws.com"}, Condition={"ArnLike": {"aws:SourceArn": "arn:aws:states:r:1:*"}})],
        *([_trust({"Service": service})] for service in WITHOUT_SOURCE),
    ],
)
def roles_name_the_account_of_a_service(role: Resource) -> Iterator[str]:
    """A role that trusts a service names the source account or resource, unless the service does not pass them."""
    for statement in allowed(statements(role["assumeRolePolicy"])):
        principal = statement.get("Principal")
        service = principal.get("Service") if isinstance(principal, dict) else None
        named = {"aws:sourceaccount", "aws:sourcearn"} & condition_keys(statement)
        if service is not None and not WITHOUT_SOURCE.issuperset(listed(service)) and not named:
            yield f"trusts {service} for any account: require aws:SourceAccount or aws:SourceArn"
