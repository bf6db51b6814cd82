"""Rules for IAM: roles, their policies, and their permissions boundary."""

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
"""Resources whose policy document grants something. Key policies are excluded: a key policy must allow the account
`kms:*` on `*`, where the asterisk means that key (KMS developer guide, default key policy)."""

ESCALATION_ACTIONS = ("iam:*", "sts:AssumeRole", "organizations:*", "account:*")
"""Actions with which a role could extend its own permissions."""

ACTIONS_WITHOUT_RESOURCES = {
    *("xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"),
    *("logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery"),
    *("logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"),
    *("states:SendTaskSuccess", "dynamodb:ListStreams"),
}
"""Actions that support no resource other than `*` (service authorization reference)."""

AWS_MANAGED = {
    "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs": (
        "API Gateway rejects a logging role with fewer permissions"
    ),
}
"""AWS managed policies that can be attached, and why."""

READ: Statement = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:r:1:table/orders"}
DENY: Statement = {"Effect": "Deny", "Action": list(ESCALATION_ACTIONS), "Resource": "*"}
BOUNDARY = example(MANAGED_POLICY, "boundary", policy=document(READ, DENY))
LOOSE = example(MANAGED_POLICY, "boundary", policy=document(READ))
USELESS = example(MANAGED_POLICY, "boundary", policy=document(DENY))
BOUNDED = example(ROLE, "bounded", permissionsBoundary=BOUNDARY)


def _policy(**statement: object) -> Resource:
    return example(ROLE_POLICY, role=BOUNDED, policy=document({**READ, **statement}))


def _open(principal: object, **statement: object) -> Resource:
    return example(QUEUE_POLICY, policy=document({**READ, "Principal": principal, **statement}))


@stack_rule(
    "roles-have-the-boundary",
    "A permissions boundary limits a role even if a later change grants too much by mistake.",
    on=[ROLE],
    violating=[[example(ROLE)], [example(ROLE, permissionsBoundary="arn:aws:iam::1:policy/someone-elses")]],
    compliant=[[BOUNDED, BOUNDARY]],
)
def roles_have_the_boundary(role: Resource, stack: Stack) -> Iterator[str]:
    """Every role has the permissions boundary of its stack."""
    if not stack.sources(role, "permissionsBoundary", MANAGED_POLICY):
        yield "has no permissions boundary of this stack: set `permissionsBoundary` to the ARN of `PermissionsBoundary`"


@stack_rule(
    "boundaries-deny-privilege-escalation",
    "A role that can change IAM or assume another role has no limits.",
    on=[MANAGED_POLICY],
    violating=[[LOOSE, example(ROLE, permissionsBoundary=LOOSE)]],
    compliant=[[BOUNDARY, BOUNDED], [LOOSE]],
)
def boundaries_deny_privilege_escalation(policy: Resource, stack: Stack) -> Iterator[str]:
    """A boundary denies every way around it, on all resources and without conditions."""
    if stack.users(policy, ROLE, "permissionsBoundary"):
        denied = [
            pattern
            for statement in statements(policy["policy"])
            if statement["Effect"] == "Deny" and "*" in resources(statement) and "Condition" not in statement
            for pattern in actions(statement)
        ]
        if left := [action for action in ESCALATION_ACTIONS if not any(matches(each, action) for each in denied)]:
            yield f"allows privilege escalation: deny {', '.join(left)} on `*`, without a condition"


@stack_rule(
    "boundaries-allow-something",
    "A role has the permissions that its policy and its boundary both allow: if the boundary only denies, none.",
    on=[MANAGED_POLICY],
    violating=[[USELESS, example(ROLE, permissionsBoundary=USELESS)]],
    compliant=[[BOUNDARY, BOUNDED], [USELESS]],
)
def boundaries_allow_something(policy: Resource, stack: Stack) -> Iterator[str]:
    """A boundary allows what its roles need."""
    if stack.users(policy, ROLE, "permissionsBoundary") and not allowed(statements(policy["policy"])):
        yield "allows nothing, which cancels every grant: allow what its roles need"


@stack_rule(
    "boundaries-allow-all-grants",
    "A grant that the boundary does not allow has no effect: the call fails at run time.",
    on=[ROLE_POLICY],
    violating=[[_policy(Action="dynamodb:Scan"), BOUNDED, BOUNDARY]],
    compliant=[[_policy(), BOUNDED, BOUNDARY]],
)
def boundaries_allow_all_grants(policy: Resource, stack: Stack) -> Iterator[str]:
    """A role's boundary allows everything that its policy allows."""
    for role in stack.sources(policy, "role", ROLE):
        for boundary in stack.sources(role, "permissionsBoundary", MANAGED_POLICY):
            limits = statements(boundary["policy"])
            for statement in allowed(statements(policy["policy"])):
                for action in actions(statement):
                    for resource in resources(statement):
                        if not permits(limits, action, resource, statement.get("Condition")):
                            yield (
                                f"grants {action} on {resource}, which {boundary.name} cancels: "
                                "allow it there too, or remove the grant"
                            )


@rule(
    "actions-are-named",
    "A pattern grants more than intended, including actions that AWS adds later.",
    on=GRANTING,
    violating=[[_policy(Action="dynamodb:*")], [_policy(Action=["dynamodb:GetIte?"])]],
    compliant=[[_policy()], [_policy(Effect="Deny", Action="dynamodb:*")]],
)
def actions_are_named(policy: Resource) -> Iterator[str]:
    """No policy allows actions by a pattern."""
    for statement in allowed(statements(policy["policy"])):
        for action in actions(statement):
            if "*" in action or "?" in action:
                yield f"allows the pattern {action}: name the actions"


@rule(
    "nothing-is-allowed-by-exclusion",
    "Everything except a few actions is nearly everything, and grows with each service that AWS adds.",
    on=GRANTING,
    violating=[[_policy(NotAction="iam:*")], [_policy(NotResource="arn:aws:s3:::it")], [_open({}, NotPrincipal="*")]],
    compliant=[[_policy()], [_policy(Effect="Deny", NotAction="iam:*")]],
)
def nothing_is_allowed_by_exclusion(policy: Resource) -> Iterator[str]:
    """No policy allows everything except what it names."""
    for statement in allowed(statements(policy["policy"])):
        for key in sorted({"NotAction", "NotResource", "NotPrincipal"} & statement.keys()):
            yield f"allows everything except its {key}: name what is allowed"


@rule(
    "resources-are-named",
    "A role with access to everything in the account has access to other teams' resources.",
    on=GRANTING,
    violating=[[_policy(Resource="*")], [_policy(Resource="arn:aws:dynamodb:r:1:*")]],
    compliant=[[_policy()], [_policy(Action="xray:PutTraceSegments", Resource="*")]],
    not_on_emulator="it checks `ses:SendEmail` on `*`, where AWS checks identities",
)
def resources_are_named(policy: Resource) -> Iterator[str]:
    """Only actions that support no resources are allowed on `*`, and no pattern covers a whole service."""
    for statement in allowed(statements(policy["policy"])):
        for resource in resources(statement):
            nameless = ACTIONS_WITHOUT_RESOURCES.issuperset(actions(statement))
            # API Gateway writes the logs of every API with one role, which has this boundary.
            logs = policy.type == MANAGED_POLICY and resource.startswith("arn:aws:logs:")
            # The sixth part of an ARN is the resource in the account.
            wide = resource == "*" or resource.split(":", 5)[-1].startswith("*")
            if wide and not (nameless if resource == "*" else logs):
                yield f"allows {', '.join(actions(statement))} on {resource}: name the resources by their ARNs"


@rule(
    "no-aws-managed-policies",
    "AWS managed policies allow more than a role needs, and change without notice.",
    on=[POLICY_ATTACHMENT],
    violating=[[example(POLICY_ATTACHMENT, policyArn="arn:aws:iam::aws:policy/AdministratorAccess")]],
    compliant=[[example(POLICY_ATTACHMENT, policyArn=next(iter(AWS_MANAGED)))]],
)
def no_aws_managed_policies(attachment: Resource) -> Iterator[str]:
    """Only policies in `AWS_MANAGED` are attached."""
    if attachment["policyArn"] not in AWS_MANAGED:
        yield f"attaches {attachment['policyArn']}: write a custom policy, with named actions on named ARNs"


@rule(
    "resource-policies-name-their-callers",
    "A service acts for all accounts: without a condition, any account's bucket or topic can reach ours through it.",
    on=[BUCKET_POLICY, QUEUE_POLICY, TOPIC_POLICY, KEY],
    violating=[[_open("*")], [_open({"AWS": "*"})], [_open({"Service": "s3.amazonaws.com"})]],
    compliant=[
        [_open({"Service": "s3.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": "1"}})],
        [_open("*", Effect="Deny")],
    ],
)
def resource_policies_name_their_callers(policy: Resource) -> Iterator[str]:
    """A policy that allows an AWS service names the source account or resource, and none allows everyone."""
    # A key without a policy has the default one.
    for statement in allowed(statements(policy.get("policy", document()))):
        principal = statement.get("Principal", {})
        named = [each for value in principal.values() for each in listed(value)] if principal != "*" else ["*"]
        if "*" in named:
            yield "allows everyone: name the principals"
        elif "Service" in principal and not {"aws:sourcearn", "aws:sourceaccount"} & condition_keys(statement):
            yield f"allows {principal['Service']} for any account: require aws:SourceArn or aws:SourceAccount"


@stack_rule(
    "functions-have-their-own-role",
    "If two functions share a role, each has the permissions of both, more than it needs.",
    on=[FUNCTION],
    violating=[[example(FUNCTION, role=BOUNDED), BOUNDED, example(FUNCTION, "another", role=BOUNDED)]],
    compliant=[[example(FUNCTION, role=BOUNDED), BOUNDED]],
)
def functions_have_their_own_role(function: Resource, stack: Stack) -> Iterator[str]:
    """No two functions share a role."""
    for role in stack.sources(function, "role", ROLE):
        if others := [each.name for each in stack.users(role, FUNCTION, "role") if each.urn != function.urn]:
            yield f"shares {role.name} with {', '.join(others)}: give each function its own role"


@rule(
    "guests-get-no-credentials",
    "AWS credentials without sign-in let anyone in, and their use cannot be traced to a user.",
    on=[IDENTITY_POOL],
    violating=[[example(IDENTITY_POOL, allowUnauthenticatedIdentities=True)]],
    compliant=[[example(IDENTITY_POOL, allowUnauthenticatedIdentities=False)]],
)
def guests_get_no_credentials(pool: Resource) -> Iterator[str]:
    """Only signed-in users get AWS credentials."""
    if pool.get("allowUnauthenticatedIdentities"):
        yield "gives credentials to anyone: set `allowUnauthenticatedIdentities` to false"
