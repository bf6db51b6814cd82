"""Rules for functions, their logs and traces."""

import re
from collections.abc import Iterator

from policy.documents import document
from policy.kinds import FUNCTION, LOG_GROUP, ROLE, ROLE_POLICY, STAGE, STATE_MACHINE
from policy.rule import Resource, Stack, example, rule, stack_rule
from policy.rules.grants import policies

SECRET = re.compile(r"SECRET|PASSWORD|PRIVATE|CREDENTIAL|KEY_ID|^AWS_", re.IGNORECASE)
"""Names of variables that hold a secret, or that override the role's credentials."""

LOG = example(LOG_GROUP, "log", retentionInDays=30)
OWN_LOG = {"logFormat": "Text", "logGroup": LOG}
RUNNER = example(ROLE, "runner")
POLICY = example(ROLE_POLICY, role=RUNNER, policy=document())


def _variables(**variables: str) -> Resource:
    return example(FUNCTION, environment={"variables": variables})


@rule(
    "log-groups-have-a-retention-period",
    "Logs that never expire cost more each month, and keep personal data longer than allowed.",
    on=[LOG_GROUP],
    violating=[[example(LOG_GROUP)], [example(LOG_GROUP, retentionInDays=0)]],
    compliant=[[LOG]],
)
def log_groups_have_a_retention_period(group: Resource) -> Iterator[str]:
    """Every log group has a retention period in days."""
    if not group.get("retentionInDays"):
        yield "keeps logs forever: set `retentionInDays` to the setting `logRetentionDays`"


@stack_rule(
    "functions-have-their-own-log-group",
    "Without a named log group, Lambda creates one that keeps events forever and outlives the stack.",
    on=[FUNCTION],
    violating=[
        [example(FUNCTION)],
        [example(FUNCTION, loggingConfig=OWN_LOG), LOG, example(FUNCTION, "another", loggingConfig=OWN_LOG)],
    ],
    compliant=[[example(FUNCTION, loggingConfig=OWN_LOG), LOG]],
)
def functions_have_their_own_log_group(function: Resource, stack: Stack) -> Iterator[str]:
    """Every function writes to its own log group of this stack."""
    groups = stack.sources(function, "loggingConfig", LOG_GROUP)
    if not groups:
        yield "has no log group of this stack: set `loggingConfig.logGroup`, as `PythonFunction` does"
    for group in groups:
        writers = stack.users(group, FUNCTION, "loggingConfig")
        if others := [each.name for each in writers if each.urn != function.urn]:
            yield f"shares {group.name} with {', '.join(others)}: give each function its own log group"


@rule(
    "tracing-is-active",
    "A trace shows which step of an order was slow, but only if every step writes one.",
    on=[FUNCTION, STATE_MACHINE, STAGE],
    violating=[
        [example(FUNCTION, tracingConfig={"mode": "PassThrough"})],
        [example(STATE_MACHINE)],
        [example(STAGE, xrayTracingEnabled=False)],
    ],
    compliant=[
        [example(FUNCTION, tracingConfig={"mode": "Active"})],
        [example(STATE_MACHINE, tracingConfiguration={"enabled": True})],
        [example(STAGE, xrayTracingEnabled=True)],
    ],
)
def tracing_is_active(resource: Resource) -> Iterator[str]:
    """Functions, state machines and the API write traces."""
    traced, setting = {
        FUNCTION: (resource.get("tracingConfig", {}).get("mode") == "Active", "`tracingConfig.mode` to Active"),
        STATE_MACHINE: (resource.get("tracingConfiguration", {}).get("enabled"), "`tracingConfiguration.enabled`"),
        STAGE: (resource.get("xrayTracingEnabled"), "`xrayTracingEnabled`"),
    }[resource.type]
    if not traced:
        yield f"writes no traces: set {setting}"


@rule(
    "environments-hold-no-secrets",
    "Anyone who can view a function sees its environment, which is also in the stack's state and in previews.",
    on=[FUNCTION],
    violating=[[_variables(PAYMENT_SECRET="x")], [_variables(AWS_ACCESS_KEY_ID="x")]],  # noqa: S106  the rule's own example
    compliant=[[_variables(ORDERS_TABLE="orders")], [example(FUNCTION)]],
)
def environments_hold_no_secrets(function: Resource) -> Iterator[str]:
    """No environment variable of a function has the name of a secret."""
    for name in function.get("environment", {}).get("variables") or {}:
        if SECRET.search(name):
            yield f"has {name} in its environment: store it in Secrets Manager, and grant the role read access"


@stack_rule(
    "role-policies-come-first",
    "A function that runs before its role has its policy is denied access, and a queue counts the failed receive.",
    on=[FUNCTION, STATE_MACHINE],
    violating=[[example(FUNCTION, role=RUNNER), RUNNER, POLICY]],
    compliant=[[example(FUNCTION, role=RUNNER, after=[POLICY]), RUNNER, POLICY]],
)
def role_policies_come_first(resource: Resource, stack: Stack) -> Iterator[str]:
    """Functions and state machines are created after the policies of their role."""
    before = stack.dependencies_of(resource)
    for policy in policies(resource, "role" if resource.type == FUNCTION else "roleArn", stack):
        if policy.urn not in before:
            yield f"can be created before {policy.name}: add that to its `depends_on`"
