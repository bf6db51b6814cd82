"""What runs: functions, their logs and traces."""

import re
from collections.abc import Iterator

from policy.documents import document
from policy.kinds import FUNCTION, LOG_GROUP, ROLE, ROLE_POLICY, STAGE, STATE_MACHINE
from policy.rule import Resource, Stack, example, rule, stack_rule
from policy.rules.grants import policies

SECRET = re.compile(r"SECRET|PASSWORD|PRIVATE|CREDENTIAL|KEY_ID|^AWS_", re.IGNORECASE)
"""What the name of a variable has in it that holds a secret, or takes the place of the role's own credentials."""

LOG = example(LOG_GROUP, "log", retentionInDays=30)
OWN_LOG = {"logFormat": "Text", "logGroup": LOG}
RUNNER = example(ROLE, "runner")
POLICY = example(ROLE_POLICY, role=RUNNER, policy=document())


def _variables(**variables: str) -> Resource:
    return example(FUNCTION, environment={"variables": variables})


@rule(
    "logs-are-forgotten",
    "A log that is kept forever costs more each month, and keeps what people did longer than anybody may.",
    on=[LOG_GROUP],
    refused=[[example(LOG_GROUP)], [example(LOG_GROUP, retentionInDays=0)]],
    accepted=[[LOG]],
)
def logs_are_forgotten(group: Resource) -> Iterator[str]:
    """Every log group says for how many days it keeps its events."""
    if not group.get("retentionInDays"):
        yield "keeps logs forever: set `retentionInDays` to `logRetentionDays` of the config"


@stack_rule(
    "logs-are-a-functions-own",
    "Lambda makes a log group of its own where none is named: one that keeps its events forever, whatever goes.",
    on=[FUNCTION],
    refused=[
        [example(FUNCTION)],
        [example(FUNCTION, loggingConfig=OWN_LOG), LOG, example(FUNCTION, "another", loggingConfig=OWN_LOG)],
    ],
    accepted=[[example(FUNCTION, loggingConfig=OWN_LOG), LOG]],
)
def logs_are_a_functions_own(function: Resource, stack: Stack) -> Iterator[str]:
    """Every function writes to a log group of the stack to which no other function writes."""
    groups = stack.behind(function, "loggingConfig", LOG_GROUP)
    if not groups:
        yield "has no log group of this stack: set `loggingConfig.logGroup`, as `PythonFunction` does"
    for group in groups:
        writers = stack.using(group, FUNCTION, "loggingConfig")
        if others := [each.name for each in writers if each.urn != function.urn]:
            yield f"shares {group.name} with {', '.join(others)}: give each function a log group of its own"


@rule(
    "calls-are-traced",
    "An order passes through many hands: a trace shows which of them was slow, but only if all of them write it.",
    on=[FUNCTION, STATE_MACHINE, STAGE],
    refused=[
        [example(FUNCTION, tracingConfig={"mode": "PassThrough"})],
        [example(STATE_MACHINE)],
        [example(STAGE, xrayTracingEnabled=False)],
    ],
    accepted=[
        [example(FUNCTION, tracingConfig={"mode": "Active"})],
        [example(STATE_MACHINE, tracingConfiguration={"enabled": True})],
        [example(STAGE, xrayTracingEnabled=True)],
    ],
)
def calls_are_traced(resource: Resource) -> Iterator[str]:
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
    "Whoever may look at a function sees its environment, and so do the state of the stack and every preview.",
    on=[FUNCTION],
    refused=[[_variables(PAYMENT_SECRET="x")], [_variables(AWS_ACCESS_KEY_ID="x")]],  # noqa: S106  the rule's own example
    accepted=[[_variables(ORDERS_TABLE="orders")], [example(FUNCTION)]],
)
def environments_hold_no_secrets(function: Resource) -> Iterator[str]:
    """No variable of a function is called what secrets are called."""
    for name in function.get("environment", {}).get("variables") or {}:
        if SECRET.search(name):
            yield f"has {name} in its environment: keep it in Secrets Manager, and grant the role to read it"


@stack_rule(
    "permissions-come-first",
    "A function that is called before its role has its policy is denied, and a failed call of a queue counts as one.",
    on=[FUNCTION, STATE_MACHINE],
    refused=[[example(FUNCTION, role=RUNNER), RUNNER, POLICY]],
    accepted=[[example(FUNCTION, role=RUNNER, after=[POLICY]), RUNNER, POLICY]],
)
def permissions_come_first(resource: Resource, stack: Stack) -> Iterator[str]:
    """What has a role is made after the role's policies."""
    before = stack.before(resource)
    for policy in policies(resource, "role" if resource.type == FUNCTION else "roleArn", stack):
        if policy.urn not in before:
            yield f"may be there before {policy.name}: put that into its `depends_on`"
