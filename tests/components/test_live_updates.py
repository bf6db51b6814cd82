"""The event API of the live updates, and who may use it."""

import pulumi_aws as aws

from tests.components.policies import permits, statements
from tests.components.recorder import ACCOUNT, REGION, Recording

TOKEN, IAM = [{"authType": "AWS_LAMBDA"}], [{"authType": "AWS_IAM"}]


def test_subscribing_requires_a_token_and_publishing_requires_iam(cafe: Recording) -> None:
    api, namespace = cafe.one(aws.appsync.Api), cafe.one(aws.appsync.ChannelNamespace)
    config = api["eventConfig"]

    assert {each["authType"] for each in config["authProviders"]} == {"AWS_LAMBDA", "AWS_IAM"}
    assert config["connectionAuthModes"] == config["defaultSubscribeAuthModes"] == TOKEN
    assert config["defaultPublishAuthModes"] == IAM
    assert (namespace["subscribeAuthModes"], namespace["publishAuthModes"]) == (TOKEN, IAM)
    assert (namespace["apiId"], namespace["name"]) == (api.outputs["apiId"], "orders")


def test_the_authorizers_answers_are_not_cached(cafe: Recording) -> None:
    [authorizer] = [each for each in cafe.one(aws.appsync.Api)["eventConfig"]["authProviders"] if len(each) > 1]

    assert authorizer["lambdaAuthorizerConfig"]["authorizerResultTtlInSeconds"] == 0


def test_the_event_api_names_the_authorizer_without_waiting_for_it(cafe: Recording) -> None:
    [function] = [it for it in cafe.of(aws.lambda_.Function) if it["handler"] == "lambdas.authorize_live.handler"]
    api = cafe.one(aws.appsync.Api)
    [authorizer] = [each for each in api["eventConfig"]["authProviders"] if len(each) > 1]

    uri = authorizer["lambdaAuthorizerConfig"]["authorizerUri"]
    assert uri == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function['name']}"
    assert function not in list(cafe.dependencies_of(api))


def test_only_appsync_may_call_the_authorizer_and_only_for_this_api(cafe: Recording) -> None:
    [function] = [it for it in cafe.of(aws.lambda_.Function) if it["handler"] == "lambdas.authorize_live.handler"]
    [permission] = [it for it in cafe.of(aws.lambda_.Permission) if it["function"] == function.id]

    assert (permission["principal"], permission["action"]) == ("appsync.amazonaws.com", "lambda:InvokeFunction")
    assert permission["sourceArn"] == cafe.one(aws.appsync.Api).outputs["apiArn"]


def test_only_the_streams_reader_and_the_functions_for_menu_and_hours_may_publish(cafe: Recording) -> None:
    namespace = cafe.one(aws.appsync.ChannelNamespace).outputs["channelNamespaceArn"]
    roles = {function["role"]: function["handler"] for function in cafe.of(aws.lambda_.Function)}
    names = {role.id: roles.get(role.arn, role.name) for role in cafe.of(aws.iam.Role)}
    allowed = {
        names[policy["role"]]
        for policy in cafe.of(aws.iam.RolePolicy)
        if permits(statements(policy), "appsync:EventPublish", namespace)
    }

    assert allowed == {f"lambdas.{module}.handler" for module in ("publish_changes", "manage_menu", "manage_cafe")}


def test_nothing_logs_events(cafe: Recording) -> None:
    assert "logConfig" not in cafe.one(aws.appsync.Api)["eventConfig"]
