"""Releases by CodeDeploy: their functions, speed, alarms and permissions."""

import re

import pulumi_aws as aws

from local.resources import SKIPPED
from tests.components.policies import allowed, listed, permits, statements
from tests.components.recorder import ACCOUNT, REGION, Recorded, Recording, gradual_stack, recorded_stack


def groups(gradual: Recording) -> dict[str, Recorded]:
    """The deployment groups by name."""
    return {group["deploymentGroupName"]: group for group in gradual.of(aws.codedeploy.DeploymentGroup)}


def alarms(gradual: Recording, group: Recorded) -> list[Recorded]:
    """The alarms that stop a group's deployments."""
    by_name = gradual.by(aws.cloudwatch.MetricAlarm, "name")
    return [by_name[name] for name in group["alarmConfiguration"]["alarms"]]


def test_each_function_with_an_alias_has_a_group_of_the_same_name(gradual: Recording) -> None:
    (application,) = gradual.of(aws.codedeploy.Application)
    aliases = gradual.of(aws.lambda_.Alias)

    assert application["computePlatform"] == "Lambda"
    assert groups(gradual).keys() == {alias["functionName"] for alias in aliases}
    assert {group["appName"] for group in groups(gradual).values()} == {application.outputs["name"]}
    assert gradual.outputs["releaseApplication"] == application.outputs["name"]


def test_only_codedeploy_moves_aliases(gradual: Recording) -> None:
    versions = {function.id: function.outputs["version"] for function in gradual.of(aws.lambda_.Function)}
    aliases = gradual.of(aws.lambda_.Alias)

    assert {alias.ignored for alias in aliases} == {("functionVersion", "routingConfig")}
    # A new alias points to the current version.
    assert [str(alias) for alias in aliases if alias["functionVersion"] != versions[alias["functionName"]]] == []


def test_without_gradual_release_the_program_moves_aliases(snapshots: Recording) -> None:
    assert {alias.ignored for alias in snapshots.of(aws.lambda_.Alias)} == {()}
    assert [str(r) for r in snapshots.resources if "codedeploy" in r.type or "-release" in r.name] == []
    assert "releaseApplication" not in snapshots.outputs


def test_the_api_calls_aliases(gradual: Recording) -> None:
    body = gradual.one(aws.apigateway.RestApiPut)["body"]
    uris = set(re.findall(r'"(arn:aws:apigateway:[^"]*/invocations)"', body))

    assert uris
    assert uris <= gradual.by(aws.lambda_.Alias, "invokeArn").keys()
    permissions = [it for it in gradual.of(aws.lambda_.Permission) if it["principal"] == "apigateway.amazonaws.com"]
    assert {each.get("qualifier") for each in permissions} == {"live"}


def test_groups_use_the_configured_speed_and_roll_back_automatically(gradual: Recording) -> None:
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


def test_function_errors_failures_and_api_errors_stop_a_release(gradual: Recording) -> None:
    functions = gradual.by(aws.lambda_.Function, "name")
    for name, group in groups(gradual).items():
        module = functions[name]["environment"]["variables"]["POWERTOOLS_SERVICE_NAME"]
        watched = {(alarm["namespace"], alarm["metricName"]): alarm["dimensions"] for alarm in alarms(gradual, group)}

        assert watched.pop(("cafe-dev", "Failures")) == {"service": module}
        assert watched.pop(("AWS/ApiGateway", "5XXError"))["Stage"] == "dev"
        # Lambda counts every denial by the authorizer as an error.
        expected = {("AWS/Lambda", "Errors"): {"FunctionName": name, "Resource": f"{name}:live"}}
        assert watched == ({} if module == "authorize" else expected)
        assert group["alarmConfiguration"]["enabled"] is True


def test_alarms_fire_within_a_minute_and_notify_nobody(gradual: Recording) -> None:
    release_alarms = {alarm.name: alarm for group in groups(gradual).values() for alarm in alarms(gradual, group)}

    for alarm in release_alarms.values():
        assert (alarm["period"], alarm["evaluationPeriods"], alarm["datapointsToAlarm"]) == (60, 1, 1), str(alarm)
        assert alarm["treatMissingData"] == "notBreaching"
        assert not {"alarmActions", "okActions"} & alarm.inputs.keys()
    # The fastest release sends 10% of the traffic to a new version for five minutes.
    assert {alarm["threshold"] for alarm in release_alarms.values()} == {0, 0.01}


def role(gradual: Recording) -> Recorded:
    (arn,) = {group["serviceRoleArn"] for group in groups(gradual).values()}
    return gradual.by(aws.iam.Role, "arn")[arn]


def policy(gradual: Recording) -> Recorded:
    (found,) = [each for each in gradual.of(aws.iam.RolePolicy) if each["role"] == role(gradual).id]
    return found


def test_codedeploys_role_is_within_the_boundary(gradual: Recording) -> None:
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


def test_codedeploys_role_can_only_move_aliases(gradual: Recording) -> None:
    own = statements(policy(gradual))
    functions = gradual.by(aws.lambda_.Function, "name")
    synchronous = {functions[name].arn for name in groups(gradual)}

    for arn in synchronous:
        for action in ("lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"):
            assert permits(own, action, arn)
            assert permits(own, action, f"{arn}:live")
        assert not permits(own, "lambda:InvokeFunction", arn)
        assert not permits(own, "lambda:UpdateFunctionCode", arn)
    others = {function.arn for function in functions.values()} - synchronous
    assert [arn for arn in others if permits(own, "lambda:UpdateAlias", f"{arn}:live")] == []
    assert permits(own, "cloudwatch:DescribeAlarms", f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:*")


def test_groups_depend_on_the_policy_which_fits_iams_size_limit(gradual: Recording) -> None:
    assert [str(g) for g in groups(gradual).values() if policy(gradual) not in list(gradual.dependencies_of(g))] == []
    # 10,240 characters without white space in all inline policies of a role (IAM quotas).
    assert len("".join(policy(gradual)["policy"].split())) <= 10_240


def test_gradual_release_changes_nothing_else() -> None:
    gradual, dev = gradual_stack(), recorded_stack("dev")
    more = {r.urn for r in gradual.resources} - {r.urn for r in dev.resources}
    kinds = {r.type for r in gradual.resources if r.urn in more and "-release" not in r.name}

    assert {r.urn for r in dev.resources} - {r.urn for r in gradual.resources} == set()
    assert kinds == {aws.lambda_.Alias.pulumi_type}


def test_the_local_run_skips_codedeploy_with_a_reason(gradual: Recording) -> None:
    kinds = {resource.type for resource in gradual.resources if resource.type.startswith("aws:codedeploy/")}

    assert {SKIPPED[kind] for kind in kinds} == {"the emulator has no CodeDeploy"}
