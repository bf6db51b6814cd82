"""The API's stage: throttling, access logs, and the role that writes them."""

import json

import pulumi_aws as aws

from tests.components.recorder import Recording


def test_the_stage_throttles(cafe: Recording) -> None:
    settings = cafe.one(aws.apigateway.MethodSettings)

    assert (settings["methodPath"], settings["stageName"]) == ("*/*", "dev")
    assert settings["settings"]["throttlingRateLimit"] == 200
    assert settings["settings"]["throttlingBurstLimit"] == 400
    # Data traces would contain request bodies.
    assert not settings["settings"].get("dataTraceEnabled")


def test_throttling_comes_from_the_config(configured: Recording) -> None:
    settings = configured.one(aws.apigateway.MethodSettings)["settings"]

    assert (settings["throttlingRateLimit"], settings["throttlingBurstLimit"]) == (7, 9)


def test_access_logs_contain_no_names(cafe: Recording) -> None:
    stage = cafe.one(aws.apigateway.Stage)
    settings = stage["accessLogSettings"]
    line = json.loads(settings["format"])

    assert stage["deployment"] == cafe.one(aws.apigateway.Deployment).id
    assert cafe.by(aws.cloudwatch.LogGroup, "arn")[settings["destinationArn"]]["retentionInDays"] >= 1
    assert {"$context.requestId", "$context.status", "$context.httpMethod"} <= set(line.values())
    # The path and the authorizer's context contain the customer's name.
    assert {"$context.path", "$context.authorizer.customer", "$context.authorizer.principalId"} & set(
        line.values()
    ) == set()


def test_the_stage_depends_on_the_account_log_role(cafe: Recording) -> None:
    before = {resource.type for resource in cafe.dependencies_of(cafe.one(aws.apigateway.Stage))}

    assert {aws.apigateway.Account.pulumi_type, aws.iam.RolePolicyAttachment.pulumi_type} <= before


def test_the_account_log_role_is_retained(cafe: Recording) -> None:
    # Another stack may have replaced it, and after this stack is destroyed, other stacks still log with it.
    (account,) = cafe.of(aws.apigateway.Account)
    role = cafe.by(aws.iam.Role, "arn")[account["cloudwatchRoleArn"]]
    (attachment,) = [each for each in cafe.of(aws.iam.RolePolicyAttachment) if each["role"] == role.id]

    assert account.ignored == ("cloudwatchRoleArn",)
    assert [each.retained for each in (account, role, attachment)] == [True, True, True]
    # IAM does not delete a policy that is a retained role's boundary, so the policy is retained too.
    boundary = cafe.by(aws.iam.Policy, "arn")[role["permissionsBoundary"]]
    assert boundary.retained


def test_without_the_account_log_role_nothing_is_retained(configured: Recording) -> None:
    assert [str(resource) for resource in configured.custom if resource.retained] == []


def test_another_stack_can_manage_the_account_log_role(configured: Recording) -> None:
    types = {resource.type for resource in configured.resources}

    assert aws.apigateway.Stage.pulumi_type in types
    assert types & {aws.apigateway.Account.pulumi_type, aws.iam.RolePolicyAttachment.pulumi_type} == set()
