"""The API's stage: throttling, access logs, and the role that writes them."""

import json

import pulumi_aws as aws

from tests.components.recorder import Recording


def test_the_stage_throttles(cafe: Recording) -> None:
    settings = cafe.one(aws.apigateway.MethodSettings)

    assert (settings["methodPath"], settings["stageName"]) == ("*/*", "dev")
    assert settings["settings"]["throttlingRateLimit"] == 200
    assert settings["settings"]["throttlingBurstLimit"] == 400
    # The bodies of requests would be in it.
    assert not settings["settings"].get("dataTraceEnabled")


def test_throttling_comes_from_the_config(configured: Recording) -> None:
    settings = configured.one(aws.apigateway.MethodSettings)["settings"]

    assert (settings["throttlingRateLimit"], settings["throttlingBurstLimit"]) == (7, 9)


def test_the_stage_logs_each_access_and_nobodys_name(cafe: Recording) -> None:
    stage = cafe.one(aws.apigateway.Stage)
    settings = stage["accessLogSettings"]
    line = json.loads(settings["format"])

    assert stage["deployment"] == cafe.one(aws.apigateway.Deployment).id
    assert cafe.by(aws.cloudwatch.LogGroup, "arn")[settings["destinationArn"]]["retentionInDays"] >= 1
    assert {"$context.requestId", "$context.status", "$context.httpMethod"} <= set(line.values())
    # A path has the customer's name in it; so do the authorizer's answers.
    assert {"$context.path", "$context.authorizer.customer", "$context.authorizer.principalId"} & set(
        line.values()
    ) == set()


def test_the_stage_waits_for_the_role_that_logs(cafe: Recording) -> None:
    before = {resource.type for resource in cafe.below(cafe.one(aws.apigateway.Stage))}

    assert {aws.apigateway.Account.pulumi_type, aws.iam.RolePolicyAttachment.pulumi_type} <= before


def test_the_accounts_log_role_is_no_stacks_to_take_away(cafe: Recording) -> None:
    # Another stack may have set its own since; and when this one is destroyed, others still log with what is set.
    (account,) = cafe.of(aws.apigateway.Account)
    role = cafe.by(aws.iam.Role, "arn")[account["cloudwatchRoleArn"]]
    (attachment,) = [each for each in cafe.of(aws.iam.RolePolicyAttachment) if each["role"] == role.id]

    assert account.ignored == ("cloudwatchRoleArn",)
    assert [each.retained for each in (account, role, attachment)] == [True, True, True]
    # IAM keeps a policy that is somebody's boundary: what it stands on stays, and so it has to.
    boundary = cafe.by(aws.iam.Policy, "arn")[role["permissionsBoundary"]]
    assert boundary.retained


def test_without_that_role_nothing_stays(configured: Recording) -> None:
    assert [str(resource) for resource in configured.custom if resource.retained] == []


def test_the_accounts_log_role_can_be_left_to_another_stack(configured: Recording) -> None:
    types = {resource.type for resource in configured.resources}

    assert aws.apigateway.Stage.pulumi_type in types
    assert types & {aws.apigateway.Account.pulumi_type, aws.iam.RolePolicyAttachment.pulumi_type} == set()
