"""Releases by CodeDeploy: which functions, how fast, what stops one, and what CodeDeploy may do for it."""

import re

import pulumi_aws as aws

import ops.release
from components.blocks.python_function import ALIAS
from local.resources import SKIPPED
from tests.components.policies import allowed, listed, permits, statements
from tests.components.recorder import ACCOUNT, REGION, Recorded, Recording, gradual_stack, recorded_stack


def groups(gradual: Recording) -> dict[str, Recorded]:
    """The deployment groups by their names."""
    return {group["deploymentGroupName"]: group for group in gradual.of(aws.codedeploy.DeploymentGroup)}


def alarms(gradual: Recording, group: Recorded) -> list[Recorded]:
    """The alarms that stop a release of a group's function."""
    by_name = gradual.by(aws.cloudwatch.MetricAlarm, "name")
    return [by_name[name] for name in group["alarmConfiguration"]["alarms"]]


def test_each_function_that_has_an_alias_has_a_group_of_its_own_name(gradual: Recording) -> None:
    (application,) = gradual.of(aws.codedeploy.Application)
    aliases = gradual.of(aws.lambda_.Alias)

    assert application["computePlatform"] == "Lambda"
    assert groups(gradual).keys() == {alias["functionName"] for alias in aliases}
    assert {group["appName"] for group in groups(gradual).values()} == {application.outputs["name"]}
    assert gradual.outputs["releaseApplication"] == application.outputs["name"]


def test_codedeploy_and_nobody_else_moves_an_alias(gradual: Recording) -> None:
    versions = {function.id: function.outputs["version"] for function in gradual.of(aws.lambda_.Function)}
    aliases = gradual.of(aws.lambda_.Alias)

    assert {alias.ignored for alias in aliases} == {("functionVersion", "routingConfig")}
    # When it is made, it goes to what there is.
    assert [str(alias) for alias in aliases if alias["functionVersion"] != versions[alias["functionName"]]] == []


def test_without_the_key_the_program_moves_aliases_and_has_no_codedeploy(snapshots: Recording) -> None:
    assert {alias.ignored for alias in snapshots.of(aws.lambda_.Alias)} == {()}
    assert [str(r) for r in snapshots.resources if "codedeploy" in r.type or "-release" in r.name] == []
    assert "releaseApplication" not in snapshots.outputs


def test_the_api_calls_aliases(gradual: Recording) -> None:
    body = gradual.one(aws.apigateway.RestApiPut)["body"]
    uris = set(re.findall(r'"(arn:aws:apigateway:[^"]*/invocations)"', body))

    assert uris
    assert uris <= gradual.by(aws.lambda_.Alias, "invokeArn").keys()
    assert {each.get("qualifier") for each in gradual.of(aws.lambda_.Permission)} == {"live"}


def test_as_fast_as_configured_and_back_by_itself(gradual: Recording) -> None:
    for group in groups(gradual).values():
        assert group["deploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
        assert group["deploymentStyle"] == {
            "deploymentType": "BLUE_GREEN",
            "deploymentOption": "WITH_TRAFFIC_CONTROL",
        }
        assert group["autoRollbackConfiguration"] == {
            "enabled": True,
            "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
        }


def test_a_crash_or_a_failure_of_the_function_or_an_api_that_fails_stops_a_release(gradual: Recording) -> None:
    functions = gradual.by(aws.lambda_.Function, "name")
    for name, group in groups(gradual).items():
        module = functions[name]["environment"]["variables"]["POWERTOOLS_SERVICE_NAME"]
        watched = {(alarm["namespace"], alarm["metricName"]): alarm["dimensions"] for alarm in alarms(gradual, group)}

        assert watched.pop(("cafe-dev", "Failures")) == {"service": module}
        assert watched.pop(("AWS/ApiGateway", "5XXError"))["Stage"] == "dev"
        # Of the authorizer, Lambda counts every refusal as an error.
        expected = {("AWS/Lambda", "Errors"): {"FunctionName": name, "Resource": f"{name}:live"}}
        assert watched == ({} if module == "authorize" else expected)
        assert group["alarmConfiguration"]["enabled"] is True


def test_alarms_go_off_within_a_minute_and_only_for_the_release(gradual: Recording) -> None:
    of_releases = {alarm.name: alarm for group in groups(gradual).values() for alarm in alarms(gradual, group)}

    for alarm in of_releases.values():
        assert (alarm["period"], alarm["evaluationPeriods"], alarm["datapointsToAlarm"]) == (60, 1, 1), str(alarm)
        assert alarm["treatMissingData"] == "notBreaching"
        assert not {"alarmActions", "okActions"} & alarm.inputs.keys()
    # The fastest release gives a version a tenth of the calls for five minutes.
    assert {alarm["threshold"] for alarm in of_releases.values()} == {0, 0.01}


def role(gradual: Recording) -> Recorded:
    (arn,) = {group["serviceRoleArn"] for group in groups(gradual).values()}
    return gradual.by(aws.iam.Role, "arn")[arn]


def policy(gradual: Recording) -> Recorded:
    (found,) = [each for each in gradual.of(aws.iam.RolePolicy) if each["role"] == role(gradual).id]
    return found


def test_codedeploy_has_a_role_below_the_boundary(gradual: Recording) -> None:
    (statement,) = statements(role(gradual), "assumeRolePolicy")
    boundary = gradual.one(aws.iam.Policy)

    assert statement["Principal"] == {"Service": "codedeploy.amazonaws.com"}
    assert role(gradual)["permissionsBoundary"] == boundary.arn
    assert [
        (action, resource)
        for grant in allowed(statements(policy(gradual)))
        for action in listed(grant["Action"])
        for resource in listed(grant["Resource"])
        if not permits(statements(boundary), action, resource)
    ] == []


def test_which_moves_these_functions_aliases_and_does_nothing_else(gradual: Recording) -> None:
    own = statements(policy(gradual))
    functions = gradual.by(aws.lambda_.Function, "name")
    waited_for = {functions[name].arn for name in groups(gradual)}

    for arn in waited_for:
        for action in ("lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"):
            assert permits(own, action, arn)
            assert permits(own, action, f"{arn}:live")
        assert not permits(own, "lambda:InvokeFunction", arn)
        assert not permits(own, "lambda:UpdateFunctionCode", arn)
    others = {function.arn for function in functions.values()} - waited_for
    assert [arn for arn in others if permits(own, "lambda:UpdateAlias", f"{arn}:live")] == []
    assert permits(own, "cloudwatch:DescribeAlarms", f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:*")


def test_its_policy_is_there_before_a_group_needs_it_and_not_longer_than_iam_allows(gradual: Recording) -> None:
    assert [str(g) for g in groups(gradual).values() if policy(gradual) not in list(gradual.below(g))] == []
    # 10,240 characters without white space in all of a role's own policies (IAM quotas).
    assert len("".join(policy(gradual)["policy"].split())) <= 10_240


def test_nothing_else_changes_with_the_key() -> None:
    gradual, dev = gradual_stack(), recorded_stack("dev")
    more = {r.urn for r in gradual.resources} - {r.urn for r in dev.resources}
    kinds = {r.type for r in gradual.resources if r.urn in more and "-release" not in r.name}

    assert {r.urn for r in dev.resources} - {r.urn for r in gradual.resources} == set()
    assert kinds == {aws.lambda_.Alias.pulumi_type}


def test_the_alias_is_the_one_that_releases_move() -> None:
    assert ops.release.ALIAS == ALIAS


def test_the_local_run_passes_over_codedeploy_and_says_so(gradual: Recording) -> None:
    kinds = {resource.type for resource in gradual.resources if resource.type.startswith("aws:codedeploy/")}

    assert {SKIPPED[kind] for kind in kinds} == {"the emulator has no CodeDeploy"}
