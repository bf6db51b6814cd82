"""The order workflow's resources: the state machine, its permissions, the payments table and the kitchen queue."""

import json

import pulumi_aws as aws

from tests.components.policies import allowed, listed, statements
from tests.components.recorder import Recorded, Recording


def machine(cafe: Recording) -> Recorded:
    return cafe.one(aws.sfn.StateMachine)


def test_it_is_off_by_default(dev: Recording, local: Recording) -> None:
    for cafe in (dev, local):
        assert aws.sfn.StateMachine.pulumi_type not in {resource.type for resource in cafe.resources}
        assert "stateMachineArn" not in cafe.outputs


def test_it_is_a_standard_workflow(workflow: Recording) -> None:
    # Only standard workflows make execution names unique and can wait for a callback.
    assert machine(workflow)["type"] == "STANDARD"


def test_it_can_invoke_only_the_functions_that_it_calls(workflow: Recording) -> None:
    states = json.loads(machine(workflow)["definition"])["States"].values()
    called = {s["Parameters"]["FunctionName"] for s in states if s.get("Resource", "").endswith("lambda:invoke")}
    functions = workflow.by(aws.lambda_.Function, "arn")

    assert called <= functions.keys()
    assert role_of(workflow)["lambda:InvokeFunction"] == called


def test_it_can_send_only_to_the_kitchen_queue(workflow: Recording) -> None:
    queue = workflow.one(aws.sqs.Queue, "-kitchen")
    url = json.loads(machine(workflow)["definition"])["States"]["AskKitchen"]["Parameters"]["QueueUrl"]

    assert url == queue.outputs["url"] == workflow.outputs["kitchenQueueUrl"]
    assert role_of(workflow)["sqs:SendMessage"] == {queue.arn}


def role_of(workflow: Recording) -> dict[str, set[str]]:
    """The resources that the state machine's role allows, by action."""
    role = workflow.by(aws.iam.Role, "arn")[machine(workflow)["roleArn"]]
    (policy,) = [p for p in workflow.of(aws.iam.RolePolicy) if p["role"] == role.id]
    assert policy in list(workflow.dependencies_of(machine(workflow)))
    return {
        action: set(listed(statement["Resource"]))
        for statement in allowed(statements(policy))
        for action in listed(statement["Action"])
    }


def test_it_logs_events_without_execution_data(workflow: Recording) -> None:
    logging = machine(workflow)["loggingConfiguration"]
    groups = {f"{group.arn}:*": group for group in workflow.of(aws.cloudwatch.LogGroup)}

    assert (logging["level"], logging["includeExecutionData"]) == ("ALL", False)
    # Elsewhere, the account's resource policy for logs would overflow.
    group = groups[logging["logDestination"]]
    assert group["namePrefix"].startswith("/aws/vendedlogs/states/")
    assert machine(workflow)["tracingConfiguration"] == {"enabled": True}


def test_payments_do_not_expire_and_can_be_restored(workflow: Recording) -> None:
    table = workflow.one(aws.dynamodb.Table, "-workflow-payments")

    assert (table["hashKey"], table["billingMode"]) == ("id", "PAY_PER_REQUEST")
    assert table["pointInTimeRecovery"] == {"enabled": True}
    assert "ttl" not in table.inputs


def test_new_orders_start_it(workflow: Recording) -> None:
    functions = workflow.by(aws.lambda_.Function, "name")
    starter, kitchen = (functions[workflow.outputs[name]] for name in ("sqsLambda", "kitchenLambda"))

    for function in (starter, kitchen):
        assert function["environment"]["variables"]["STATE_MACHINE_ARN"] == machine(workflow).arn
    assert machine(workflow).arn == workflow.outputs["stateMachineArn"]


def test_simulated_payments_and_kitchen_accept_by_default(workflow: Recording) -> None:
    variables = [f["environment"]["variables"] for f in workflow.of(aws.lambda_.Function)]

    assert {v["PAYMENT_ANSWER"] for v in variables if "PAYMENT_ANSWER" in v} == {"approved"}
    assert {v["KITCHEN_ANSWER"] for v in variables if "KITCHEN_ANSWER" in v} == {"accepted"}
