"""Properties of the whole program and of all its resources."""

import re
from collections.abc import Iterator
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from tests.components.conftest import STACKS
from tests.components.recorder import (
    REGION,
    Recording,
    comparable,
    record_project,
    record_stack,
    recorded_stack,
)

OUTPUTS = {
    *("webappBucketName", "webappDnsUrl", "webappUrl", "distributionId", "apiUrl", "ordersTableName", "ordersTableArn"),
    *("ordersQueueUrl", "ordersDlqUrl", "userNotificationTopicArn", "userPoolId", "userPoolClientId", "userPoolDomain"),
    *("getOrdersLambda", "getOrderLambda", "createOrderLambda", "updateOrderLambda", "replaceOrderLambda"),
    *("invoicesTableName", "ledgerTableName", "ledgerHeadsTableName"),
    *("deleteOrderLambda", "queuedOrderLambda", "dynamoLambda", "sqsLambda", "authenticateLambda", "authorizerLambda"),
    *("liveHttpUrl", "liveRealtimeUrl"),
    *("identityPoolId", "photosBucketName", "photosTableName", "photosQueueUrl", "photosDlqUrl", "filePhotoLambda"),
}
"""The outputs that scripts and the web app can rely on."""

HANDLERS = {
    "getOrdersLambda": "get_orders",
    "getOrderLambda": "get_order",
    "createOrderLambda": "create_order",
    "updateOrderLambda": "update_order",
    "replaceOrderLambda": "replace_order",
    "deleteOrderLambda": "delete_order",
    "queuedOrderLambda": "create_queued_order",
    "dynamoLambda": "publish_changes",
    "sqsLambda": "accept_order",
    "authenticateLambda": "authenticate",
    "authorizerLambda": "authorize",
    "filePhotoLambda": "file_photo",
}

FIXED_NAMES = {
    (aws.apigateway.Stage, "stageName"): "the first segment of every path, which is part of the contract",
    (aws.appsync.ChannelNamespace, "name"): "the first segment of every channel, which is part of the contract",
    (aws.cloudwatch.Dashboard, "dashboardName"): "AWS requires a name; it is the stack's",
    (aws.cloudwatch.LogGroup, "namePrefix"): "WAF requires the prefix of the log group's name",
    (aws.cloudwatch.QueryDefinition, "name"): "AWS requires a name; it is in the stack's folder",
    (aws.cognito.IdentityPool, "identityPoolName"): "AWS requires a name; it need not be unique",
    (aws.cognito.ResourceServer, "identifier"): "the first half of the scope, which is part of the contract",
    (aws.cognito.ResourceServer, "name"): "AWS requires a name; it is unique only within the user pool",
    (aws.cognito.UserGroup, "name"): "tokens contain the group's name, which is part of the contract",
    (aws.cognito.UserPoolDomain, "domain"): "AWS requires a name; the digest of the account makes it unique",
    (aws.route53.Record, "name"): "the name that users enter or that ACM validates",
    (aws.lambda_.Function, "name"): "the event API names its authorizer before it exists; the stack's prefix is in it",
    (aws.lambda_.LayerVersion, "layerName"): "AWS requires a name; it identifies the layer's versions",
}
"""Physical names that the program sets, and why. Pulumi generates all others, so stacks do not collide."""

NAMING = {
    *("name", "namePrefix", "layerName", "domain", "identifier", "stageName", "functionName", "roleName", "bucketName"),
    *("bucket", "bucketPrefix", "topicName", "queueName", "tableName", "groupName", "logGroupName", "dashboardName"),
}
"""Inputs that set a resource's physical name or name its parent."""

PARENT_NAMES = {
    (aws.apigateway.BasePathMapping, "stageName"),
    (aws.apigateway.MethodSettings, "stageName"),
    (aws.lambda_.EventSourceMapping, "functionName"),
    (aws.s3.BucketCorsConfiguration, "bucket"),
    (aws.s3.BucketLifecycleConfiguration, "bucket"),
    (aws.s3.BucketLogging, "bucket"),
    (aws.s3.BucketNotification, "bucket"),
    (aws.s3.BucketObjectv2, "bucket"),
    (aws.s3.BucketPolicy, "bucket"),
    (aws.s3.BucketPublicAccessBlock, "bucket"),
    (aws.s3.BucketServerSideEncryptionConfiguration, "bucket"),
    (aws.s3.BucketVersioning, "bucket"),
}

MAX_NAME_LENGTHS = {
    aws.iam.Role: 64,
    aws.lambda_.Function: 64,
    aws.s3.Bucket: 63,
    aws.sqs.Queue: 80,
    aws.iam.Policy: 128,
}
"""Maximum lengths of physical names (quotas in each service's API reference)."""


def by_type(table: Any) -> set[tuple[str, str]]:
    return {(kind.pulumi_type, name) for kind, name in table}


@pytest.mark.parametrize("cafe", STACKS, indirect=True)
def test_the_stack_has_every_output_of_the_contract(cafe: Recording) -> None:
    assert OUTPUTS - cafe.outputs.keys() == set()
    assert [name for name, value in cafe.outputs.items() if not isinstance(value, str) or not value] == []


@pytest.mark.parametrize("cafe", STACKS, indirect=True)
def test_each_function_output_names_its_function(cafe: Recording) -> None:
    handlers = {name: function["handler"] for name, function in cafe.by(aws.lambda_.Function, "name").items()}

    workflow = cafe.project.config["cafe:workflow"] == "true"
    expected = {**HANDLERS, **({"sqsLambda": "start_workflow", "kitchenLambda": "answer_kitchen"} if workflow else {})}

    assert {output: handlers[cafe.outputs[output]] for output in expected} == {
        output: f"lambdas.{module}.handler" for output, module in expected.items()
    }


@pytest.mark.parametrize("cafe", STACKS, indirect=True)
def test_outputs_point_to_the_resources_that_they_name(cafe: Recording) -> None:
    outputs = cafe.outputs
    queues = cafe.by(aws.sqs.Queue, "url")

    assert outputs["webappBucketName"] == cafe.one(aws.s3.Bucket, "-web").id
    assert outputs["distributionId"] == cafe.one(aws.cloudfront.Distribution).id
    assert outputs["ordersTableName"] == cafe.one(aws.dynamodb.Table, "-orders").id
    assert outputs["ordersTableArn"] == cafe.one(aws.dynamodb.Table, "-orders").arn
    assert outputs["userNotificationTopicArn"] == cafe.one(aws.sns.Topic, "-user-notification").arn
    assert outputs["identityPoolId"] == cafe.one(aws.cognito.IdentityPool).id
    assert outputs["photosBucketName"] == cafe.one(aws.s3.Bucket, "-photos-bucket").id
    assert outputs["photosTableName"] == cafe.one(aws.dynamodb.Table, "-metadata").id
    assert queues[outputs["photosDlqUrl"]].arn in queues[outputs["photosQueueUrl"]]["redrivePolicy"]
    assert outputs["userPoolId"] == cafe.one(aws.cognito.UserPool).id
    assert outputs["userPoolClientId"] == cafe.one(aws.cognito.UserPoolClient).id
    assert outputs["userPoolDomain"] == cafe.one(aws.cognito.UserPoolDomain)["domain"]
    assert queues[outputs["ordersDlqUrl"]].arn in queues[outputs["ordersQueueUrl"]]["redrivePolicy"]


def test_addresses_on_aws(dev: Recording) -> None:
    api = dev.one(aws.apigateway.RestApi)
    host = dev.one(aws.cloudfront.Distribution).outputs["domainName"]

    assert dev.outputs["apiUrl"] == f"https://{api.id}.execute-api.{REGION}.amazonaws.com/dev/"
    assert (dev.outputs["webappDnsUrl"], dev.outputs["webappUrl"]) == (host, f"https://{host}/")


def test_addresses_on_the_emulator(local: Recording) -> None:
    api = local.one(aws.apigateway.RestApi)
    label, _, _ = local.one(aws.cloudfront.Distribution).outputs["domainName"].partition(".")

    assert local.outputs["apiUrl"] == f"http://{api.id}.execute-api.localhost:4566/dev/"
    assert local.outputs["webappDnsUrl"] == f"{label}.cloudfront.localhost"
    assert local.outputs["webappUrl"] == f"http://{label}.cloudfront.localhost:4566/"


def test_the_stage_name_is_the_first_segment_of_every_path(configured: Recording) -> None:
    assert configured.outputs["apiUrl"].endswith("/v2/")
    assert configured.one(aws.apigateway.Stage)["stageName"] == "v2"
    behaviors = configured.one(aws.cloudfront.Distribution)["orderedCacheBehaviors"]
    assert [behavior["pathPattern"] for behavior in behaviors] == ["/v2/menu", "/v2/*"]


def test_dev_has_a_layer_and_every_function_uses_it(dev: Recording) -> None:
    layer = dev.one(aws.lambda_.LayerVersion)

    assert layer["compatibleRuntimes"] == ["python3.13"]
    assert {tuple(function["layers"]) for function in dev.of(aws.lambda_.Function)} == {(layer.arn,)}


@pytest.mark.parametrize(("stack", "architecture"), [("dev", "arm64"), ("configured", "x86_64")])
def test_functions_and_their_layer_are_for_the_same_architecture(
    request: pytest.FixtureRequest, stack: str, architecture: str
) -> None:
    program: Recording = request.getfixturevalue(stack)

    assert {tuple(f["architectures"]) for f in program.of(aws.lambda_.Function)} == {(architecture,)}
    assert program.one(aws.lambda_.LayerVersion)["compatibleArchitectures"] == [architecture]


def test_local_has_no_layer(local: Recording) -> None:
    assert aws.lambda_.LayerVersion.pulumi_type not in {resource.type for resource in local.resources}
    assert [function.get("layers", []) for function in local.of(aws.lambda_.Function) if function.get("layers")] == []


@pytest.mark.parametrize("cafe", STACKS, indirect=True)
def test_all_names_start_with_project_and_stack(cafe: Recording) -> None:
    stack = cafe.project.stack

    assert [str(r) for r in cafe.resources[1:] if not r.name.startswith(f"cafe-{stack}-")] == []


@pytest.mark.parametrize("cafe", STACKS, indirect=True)
def test_the_program_sets_only_the_required_physical_names(cafe: Recording) -> None:
    given = {(r.type, key) for r in cafe.custom for key in NAMING & r.inputs.keys()} - by_type(PARENT_NAMES)

    assert given - by_type(FIXED_NAMES) == set()


def test_the_required_physical_names_are_up_to_date(dev: Recording, configured: Recording) -> None:
    given = {(r.type, key) for cafe in (dev, configured) for r in cafe.custom for key in r.inputs}

    assert by_type(FIXED_NAMES) - given == set()


@pytest.mark.parametrize("kind", MAX_NAME_LENGTHS, ids=lambda kind: kind.__name__)
def test_physical_names_fit(kind: Any) -> None:
    # Pulumi appends `-` and seven characters. No stack has a longer name than `local`.
    cafe = recorded_stack("local")

    assert [r.name for r in cafe.of(kind) if len(r.name) + 8 > MAX_NAME_LENGTHS[kind]] == []


def test_two_stacks_share_no_name(dev: Recording, local: Recording) -> None:
    assert {r.name for r in dev.resources} & {r.name for r in local.resources} == set()


@pytest.mark.parametrize("cafe", ["local", "dev with the workflow"], indirect=True)
def test_the_program_is_deterministic(cafe: Recording) -> None:
    again = record_project(cafe.project)

    assert {r.urn: comparable(r.inputs) for r in again.resources} == {
        r.urn: comparable(r.inputs) for r in cafe.resources
    }
    assert again.outputs == cafe.outputs


@pytest.mark.parametrize("cafe", ["local", "dev with the workflow"], indirect=True)
def test_a_preview_registers_what_an_update_registers(cafe: Recording) -> None:
    preview = record_project(cafe.project, preview=True)

    assert {(r.urn, r.parent) for r in preview.resources} == {(r.urn, r.parent) for r in cafe.resources}
    assert {r.urn: r.inputs.keys() for r in preview.resources} == {r.urn: r.inputs.keys() for r in cafe.resources}


@pytest.mark.parametrize("cafe", STACKS, indirect=True)
def test_everything_but_the_layer_belongs_to_a_component(cafe: Recording) -> None:
    stack = cafe.resources[0]
    orphans = {r.type for r in cafe.custom if r.parent == stack.urn}

    assert orphans <= {aws.lambda_.LayerVersion.pulumi_type}


@pytest.mark.parametrize("cafe", STACKS, indirect=True)
def test_every_component_registers_nonempty_outputs(cafe: Recording) -> None:
    assert [str(c) for c in cafe.components if c.urn not in cafe.component_outputs] == []
    unknown = [(urn, name) for urn, outputs in cafe.component_outputs.items() for name in outputs if not outputs[name]]
    assert unknown == []


def test_the_configured_stack_has_the_same_properties(configured: Recording) -> None:
    test_the_stack_has_every_output_of_the_contract(configured)
    test_all_names_start_with_project_and_stack(configured)
    test_the_program_sets_only_the_required_physical_names(configured)
    test_a_preview_registers_what_an_update_registers(configured)
    test_everything_but_the_layer_belongs_to_a_component(configured)
    test_every_component_registers_nonempty_outputs(configured)


def test_custom_domain_addresses(configured: Recording) -> None:
    assert configured.outputs["webappDnsUrl"] == "shop.example.com"
    assert configured.outputs["webappUrl"] == "https://shop.example.com/"
    assert configured.outputs["apiUrl"] == "https://api.shop.example.com/v2/"


def test_the_sdk_knows_every_nested_input(configured: Recording) -> None:
    # The SDK does not convert unknown names or anything below them; only AWS would reject them.
    left = {
        (r.type, name) for r in configured.custom for name in names(r.inputs) if re.fullmatch(r"[a-z]+(_[a-z]+)+", name)
    }

    assert left == set()


def names(value: Any) -> Iterator[str]:
    """The names of all nested properties in a value."""
    match value:
        case dict():
            yield from value
            for item in value.values():
                yield from names(item)
        case list():
            for item in value:
                yield from names(item)


def test_invalid_config_stops_the_program() -> None:
    with pytest.raises(pulumi.RunError, match=r"cafe:stageName: expected .*, got 'a b'"):
        record_stack("dev", config={"cafe:stageName": "a b"})


@pytest.mark.parametrize("stack", ["dev", "prod", "local"])
def test_no_stage_has_metrics_by_method(stack: str) -> None:
    # They are custom metrics, up to five for each method, and nothing reads them.
    for settings in recorded_stack(stack).of(aws.apigateway.MethodSettings):
        assert settings["settings"]["metricsEnabled"] is False


@pytest.mark.parametrize("stack", ["dev", "prod", "local"])
def test_every_bucket_can_be_destroyed_with_its_objects_unless_it_is_protected(stack: str) -> None:
    for bucket in recorded_stack(stack).of(aws.s3.Bucket):
        assert bucket["forceDestroy"] is not bucket.protect, bucket.name
