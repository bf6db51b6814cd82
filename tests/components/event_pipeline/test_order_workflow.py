"""The order workflow's resources: the state machine, what it may call, its payments and its kitchen."""

import json

import pulumi_aws as aws

from tests.components.policies import allowed, listed, statements
from tests.components.recorder import Recorded, Recording


def machine(cafe: Recording) -> Recorded:
    return cafe.one(aws.sfn.StateMachine)


def test_it_is_off_unless_it_is_asked_for(dev: Recording, local: Recording) -> None:
    for cafe in (dev, local):
        assert aws.sfn.StateMachine.pulumi_type not in {resource.type for resource in cafe.resources}
        assert "stateMachineArn" not in cafe.outputs


def test_it_remembers_executions_by_name(workflow: Recording) -> None:
    # Of the two kinds only this one lets a name be used once, and waits for an answer.
    assert machine(workflow)["type"] == "STANDARD"


def test_it_calls_functions_that_are_there_and_may_call_no_others(workflow: Recording) -> None:
    states = json.loads(machine(workflow)["definition"])["States"].values()
    called = {s["Parameters"]["FunctionName"] for s in states if s.get("Resource", "").endswith("lambda:invoke")}
    functions = workflow.by(aws.lambda_.Function, "arn")

    assert called <= functions.keys()
    assert role_of(workflow)["lambda:InvokeFunction"] == called


def test_it_asks_in_the_kitchens_queue_and_may_send_to_no_other(workflow: Recording) -> None:
    queue = workflow.one(aws.sqs.Queue, "-kitchen")
    asked = json.loads(machine(workflow)["definition"])["States"]["AskKitchen"]["Parameters"]["QueueUrl"]

    assert asked == queue.outputs["url"] == workflow.outputs["kitchenQueueUrl"]
    assert role_of(workflow)["sqs:SendMessage"] == {queue.arn}


def role_of(workflow: Recording) -> dict[str, set[str]]:
    """What the state machine's role allows: the resources of each action."""
    role = workflow.by(aws.iam.Role, "arn")[machine(workflow)["roleArn"]]
    (policy,) = [p for p in workflow.of(aws.iam.RolePolicy) if p["role"] == role.id]
    assert policy in list(workflow.below(machine(workflow)))
    return {
        action: set(listed(statement["Resource"]))
        for statement in allowed(statements(policy))
        for action in listed(statement["Action"])
    }


def test_it_logs_what_happens_and_not_who_ordered_what(workflow: Recording) -> None:
    logging = machine(workflow)["loggingConfiguration"]
    groups = {f"{group.arn}:*" for group in workflow.of(aws.cloudwatch.LogGroup)}

    assert (logging["level"], logging["includeExecutionData"]) == ("ALL", False)
    assert logging["logDestination"] in groups
    assert machine(workflow)["tracingConfiguration"] == {"enabled": True}


def test_payments_are_kept_and_can_be_restored(workflow: Recording) -> None:
    table = workflow.one(aws.dynamodb.Table, "-payments")

    assert (table["hashKey"], table["billingMode"]) == ("id", "PAY_PER_REQUEST")
    assert table["pointInTimeRecovery"] == {"enabled": True}
    assert "ttl" not in table.inputs


def test_new_orders_start_it(workflow: Recording) -> None:
    functions = workflow.by(aws.lambda_.Function, "name")
    starter, kitchen = (functions[workflow.outputs[name]] for name in ("sqsLambda", "kitchenLambda"))

    for function in (starter, kitchen):
        assert function["environment"]["variables"]["STATE_MACHINE_ARN"] == machine(workflow).arn
    assert machine(workflow).arn == workflow.outputs["stateMachineArn"]


def test_stand_ins_say_yes_unless_they_are_told_otherwise(workflow: Recording) -> None:
    variables = [f["environment"]["variables"] for f in workflow.of(aws.lambda_.Function)]

    assert {v["PAYMENT_ANSWER"] for v in variables if "PAYMENT_ANSWER" in v} == {"approved"}
    assert {v["KITCHEN_ANSWER"] for v in variables if "KITCHEN_ANSWER" in v} == {"accepted"}
