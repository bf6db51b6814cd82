"""Who may do what: roles, their policies, and the boundary around them."""

from collections.abc import Iterator

from policy.documents import (
    Statement,
    actions,
    allowed,
    condition_keys,
    document,
    listed,
    matches,
    permits,
    resources,
    statements,
)
from policy.kinds import (
    BUCKET_POLICY,
    FUNCTION,
    IDENTITY_POOL,
    KEY,
    MANAGED_POLICY,
    POLICY_ATTACHMENT,
    QUEUE_POLICY,
    ROLE,
    ROLE_POLICY,
    TOPIC_POLICY,
)
from policy.rule import Resource, Stack, example, rule, stack_rule

GRANTING = (MANAGED_POLICY, ROLE_POLICY, BUCKET_POLICY, QUEUE_POLICY, TOPIC_POLICY)
"""What has a policy document that grants something. A key's own document is not among them: IAM asks it to allow the
account `kms:*` on `*`, where the asterisk stands for that one key (KMS developer guide, default key policy)."""

WAYS_UP = ("iam:*", "sts:AssumeRole", "organizations:*", "account:*")
"""With any of these a role could become more than it is."""

NAMELESS = {
    *("xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"),
    *("logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery"),
    *("logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"),
    "states:SendTaskSuccess",
}
"""Actions for which AWS knows no resource narrower than all (service authorization reference)."""

AWS_MANAGED = {
    "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs": (
        "API Gateway refuses a role for its logs that may do less"
    ),
}
"""AWS's own policies that may be attached, and why."""

READ: Statement = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:r:1:table/orders"}
DENY: Statement = {"Effect": "Deny", "Action": list(WAYS_UP), "Resource": "*"}
BOUNDARY = example(MANAGED_POLICY, "boundary", policy=document(READ, DENY))
LOOSE = example(MANAGED_POLICY, "boundary", policy=document(READ))
USELESS = example(MANAGED_POLICY, "boundary", policy=document(DENY))
BOUNDED = example(ROLE, "bounded", permissionsBoundary=BOUNDARY)


def _policy(**statement: object) -> Resource:
    return example(ROLE_POLICY, role=BOUNDED, policy=document({**READ, **statement}))


def _trust(principal: object, **statement: object) -> Resource:
    return example(ROLE, assumeRolePolicy=document({"Effect": "Allow", "Principal": principal, **statement}))


def _open(principal: object, **statement: object) -> Resource:
    return example(QUEUE_POLICY, policy=document({**READ, "Principal": principal, **statement}))


@stack_rule(
    "roles-have-the-boundary",
    "A permissions boundary is the most that a role can ever have, whatever is later granted to it by mistake.",
    on=[ROLE],
    refused=[[example(ROLE)], [example(ROLE, permissionsBoundary="arn:aws:iam::1:policy/someone-elses")]],
    accepted=[[BOUNDED, BOUNDARY]],
)
def roles_have_the_boundary(role: Resource, stack: Stack) -> Iterator[str]:
    """Every role has the boundary that the stack itself makes."""
    if not stack.behind(role, "permissionsBoundary", MANAGED_POLICY):
        yield "has no permissions boundary of this stack: set `permissionsBoundary` to that of `AuthLayer`"


@stack_rule(
    "boundaries-deny-ways-up",
    "A role that may write IAM, or become another, has no bounds at all.",
    on=[MANAGED_POLICY],
    refused=[[LOOSE, example(ROLE, permissionsBoundary=LOOSE)]],
    accepted=[[BOUNDARY, BOUNDED], [LOOSE]],
)
def boundaries_deny_ways_up(policy: Resource, stack: Stack) -> Iterator[str]:
    """A boundary denies what would let a role out of it, on everything and whatever the circumstances."""
    if stack.using(policy, ROLE, "permissionsBoundary"):
        denied = [
            pattern
            for statement in statements(policy["policy"])
            if statement["Effect"] == "Deny" and "*" in resources(statement) and "Condition" not in statement
            for pattern in actions(statement)
        ]
        if left := [action for action in WAYS_UP if not any(matches(each, action) for each in denied)]:
            yield f"leaves ways up open: deny {', '.join(left)} on `*`, without a condition"


@stack_rule(
    "boundaries-allow-something",
    "A role has what its policy and its boundary both allow: a boundary that only denies leaves it with nothing.",
    on=[MANAGED_POLICY],
    refused=[[USELESS, example(ROLE, permissionsBoundary=USELESS)]],
    accepted=[[BOUNDARY, BOUNDED], [USELESS]],
)
def boundaries_allow_something(policy: Resource, stack: Stack) -> Iterator[str]:
    """A boundary allows what the roles are for."""
    if stack.using(policy, ROLE, "permissionsBoundary") and not allowed(statements(policy["policy"])):
        yield "allows nothing, and so cancels every grant: allow what the roles behind it are for"


@stack_rule(
    "grants-pass-the-boundary",
    "A grant that the boundary does not allow looks like a permission and is none: the call fails when it is made.",
    on=[ROLE_POLICY],
    refused=[[_policy(Action="dynamodb:Scan"), BOUNDED, BOUNDARY]],
    accepted=[[_policy(), BOUNDED, BOUNDARY]],
)
def grants_pass_the_boundary(policy: Resource, stack: Stack) -> Iterator[str]:
    """All that a role's policy allows, its boundary allows as well."""
    for role in stack.behind(policy, "role", ROLE):
        for boundary in stack.behind(role, "permissionsBoundary", MANAGED_POLICY):
            limits = statements(boundary["policy"])
            for statement in allowed(statements(policy["policy"])):
                for action in actions(statement):
                    for resource in resources(statement):
                        if not permits(limits, action, resource):
                            yield (
                                f"grants {action} on {resource}, which {boundary.name} cancels: "
                                "allow it there too, or take the grant back"
                            )


@rule(
    "actions-are-named",
    "A pattern grants what nobody thought of, and what AWS adds to the service next year.",
    on=GRANTING,
    refused=[[_policy(Action="dynamodb:*")], [_policy(Action=["dynamodb:GetIte?"])]],
    accepted=[[_policy()], [_policy(Effect="Deny", Action="dynamodb:*")]],
)
def actions_are_named(policy: Resource) -> Iterator[str]:
    """No policy allows a pattern of actions."""
    for statement in allowed(statements(policy["policy"])):
        for action in actions(statement):
            if "*" in action or "?" in action:
                yield f"allows the pattern {action}: name the actions"


@rule(
    "nothing-is-allowed-by-exclusion",
    "All but a few is nearly all, and grows with every service that AWS adds.",
    on=GRANTING,
    refused=[[_policy(NotAction="iam:*")], [_policy(NotResource="arn:aws:s3:::it")], [_open({}, NotPrincipal="*")]],
    accepted=[[_policy()], [_policy(Effect="Deny", NotAction="iam:*")]],
)
def nothing_is_allowed_by_exclusion(policy: Resource) -> Iterator[str]:
    """No policy allows all but what it names."""
    for statement in allowed(statements(policy["policy"])):
        for key in sorted({"NotAction", "NotResource", "NotPrincipal"} & statement.keys()):
            yield f"allows all but its {key}: name what is allowed"


@rule(
    "resources-are-named",
    "What a role may do to everything in the account it may do to what other teams have there.",
    on=GRANTING,
    refused=[[_policy(Resource="*")], [_policy(Resource="arn:aws:dynamodb:r:1:*")]],
    accepted=[[_policy()], [_policy(Action="xray:PutTraceSegments", Resource="*")]],
    not_on_emulator="it looks for `ses:SendEmail` on `*`, where AWS knows identities",
)
def resources_are_named(policy: Resource) -> Iterator[str]:
    """Nothing is allowed on `*` but what AWS knows no resource for, and no pattern leaves a whole service open."""
    for statement in allowed(statements(policy["policy"])):
        for resource in resources(statement):
            nameless = NAMELESS.issuperset(actions(statement))
            # API Gateway writes the logs of every API with one role, and its boundary is this one.
            logs = policy.type == MANAGED_POLICY and resource.startswith("arn:aws:logs:")
            # The sixth part of an ARN is what is in the account.
            wide = resource == "*" or resource.split(":", 5)[-1].startswith("*")
            if wide and not (nameless if resource == "*" else logs):
                yield f"allows {', '.join(actions(statement))} on {resource}: name the resources by their ARNs"


@rule(
    "roles-trust-one-service",
    "Whoever may assume a role has all that it has.",
    on=[ROLE],
    refused=[
        [_trust("*")],
        [_trust({"AWS": "arn:aws:iam::1:root"})],
        [_trust({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]})],
        [_trust({"Federated": "cognito-identity.amazonaws.com"})],
    ],
    accepted=[
        [_trust({"Service": "lambda.amazonaws.com"})],
        [_trust({"Federated": "cognito-identity.amazonaws.com"}, Condition={"StringEquals": {"a:aud": "pool"}})],
    ],
)
def roles_trust_one_service(role: Resource) -> Iterator[str]:
    """A role is assumed by one AWS service, or by the users of an identity provider that a condition names."""
    for statement in allowed(statements(role["assumeRolePolicy"])):
        match statement.get("Principal"):
            case {"Service": str(), **others} if not others:
                continue
            case {"Federated": str(), **others} if not others and condition_keys(statement):
                continue
            case principal:
                yield (
                    f"trusts {principal}: trust one service, or one identity provider with a condition that says "
                    "whose users"
                )


@rule(
    "no-policies-from-aws",
    "AWS's own policies are made for everybody, allow more than anybody needs, and change without notice.",
    on=[POLICY_ATTACHMENT],
    refused=[[example(POLICY_ATTACHMENT, policyArn="arn:aws:iam::aws:policy/AdministratorAccess")]],
    accepted=[[example(POLICY_ATTACHMENT, policyArn=next(iter(AWS_MANAGED)))]],
)
def no_policies_from_aws(attachment: Resource) -> Iterator[str]:
    """Nothing is attached but what `AWS_MANAGED` has a reason for."""
    if attachment["policyArn"] not in AWS_MANAGED:
        yield f"attaches {attachment['policyArn']}: write a policy of its own, with named actions on named ARNs"


@rule(
    "callers-are-named",
    "A service acts for all of its customers: without a condition anybody's bucket or topic could make it call ours.",
    on=[BUCKET_POLICY, QUEUE_POLICY, TOPIC_POLICY, KEY],
    refused=[[_open("*")], [_open({"AWS": "*"})], [_open({"Service": "s3.amazonaws.com"})]],
    accepted=[
        [_open({"Service": "s3.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": "1"}})],
        [_open("*", Effect="Deny")],
    ],
)
def callers_are_named(policy: Resource) -> Iterator[str]:
    """What lets an AWS service in says on behalf of which account or resource; nothing lets everybody in."""
    # A key without a document of its own has IAM's.
    for statement in allowed(statements(policy.get("policy", document()))):
        principal = statement.get("Principal", {})
        named = [each for value in principal.values() for each in listed(value)] if principal != "*" else ["*"]
        if "*" in named:
            yield "lets everybody in: name the principals"
        elif "Service" in principal and not {"aws:sourcearn", "aws:sourceaccount"} & condition_keys(statement):
            yield f"lets {principal['Service']} in for anybody: add a condition on aws:SourceArn or aws:SourceAccount"


@stack_rule(
    "a-role-is-one-functions",
    "A role that two functions share has what either needs, and so each has more than it needs.",
    on=[FUNCTION],
    refused=[[example(FUNCTION, role=BOUNDED), BOUNDED, example(FUNCTION, "another", role=BOUNDED)]],
    accepted=[[example(FUNCTION, role=BOUNDED), BOUNDED]],
)
def a_role_is_one_functions(function: Resource, stack: Stack) -> Iterator[str]:
    """No two functions have the same role."""
    for role in stack.behind(function, "role", ROLE):
        if others := [each.name for each in stack.using(role, FUNCTION, "role") if each.urn != function.urn]:
            yield f"shares {role.name} with {', '.join(others)}: give each function a role of its own"


@rule(
    "guests-get-no-credentials",
    "AWS credentials that anybody gets without signing in are an open door with nobody's name on it.",
    on=[IDENTITY_POOL],
    refused=[[example(IDENTITY_POOL, allowUnauthenticatedIdentities=True)]],
    accepted=[[example(IDENTITY_POOL, allowUnauthenticatedIdentities=False)]],
)
def guests_get_no_credentials(pool: Resource) -> Iterator[str]:
    """Only who has signed in gets AWS credentials."""
    if pool.get("allowUnauthenticatedIdentities"):
        yield "gives credentials to anybody: set `allowUnauthenticatedIdentities` to false"
