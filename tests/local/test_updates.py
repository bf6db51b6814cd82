"""An updated resource is like one that was created with the same inputs."""

import json
import re

import pytest

from local.deployment import deploy
from local.state import State
from tests.local.conftest import program

pytestmark = pytest.mark.long

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
OTHER_POLICY = POLICY.replace("s3", "sqs")


def attributes(*names):
    return [{"name": name, "type": "S"} for name in names]


TABLE = {"billing_mode": "PAY_PER_REQUEST", "hash_key": "a", "attributes": attributes("a")}


def index(name, key):
    return {"name": name, "hashKey": key, "projectionType": "ALL"}


CASES = {
    "queue": (
        "aws.sqs.Queue(name, **inputs)",
        [{}, {"visibility_timeout_seconds": 77, "max_message_size": 2048}, {"message_retention_seconds": 60}],
        lambda aws, it: {
            # The emulator creates queues without encryption, SQS does not.
            **aws.client("sqs").get_queue_attributes(QueueUrl=it, AttributeNames=["All"])["Attributes"],
            "SqsManagedSseEnabled": None,
        },
    ),
    "topic": (
        "aws.sns.Topic(name, **inputs)",
        [{}, {"display_name": "it"}, {"display_name": "other"}],
        lambda aws, it: aws.client("sns").get_topic_attributes(TopicArn=it)["Attributes"].get("DisplayName"),
    ),
    "table": (
        "aws.dynamodb.Table(name, **inputs)",
        [
            TABLE,
            {**TABLE, "attributes": attributes("a", "b"), "global_secondary_indexes": [index("by-b", "b")]},
            {
                **TABLE,
                "attributes": attributes("a", "c"),
                "global_secondary_indexes": [index("by-b", "c"), index("by-c", "c")],
                "ttl": {"attributeName": "t", "enabled": True},
            },
            {
                **TABLE,
                "stream_enabled": True,
                "stream_view_type": "NEW_IMAGE",
                "point_in_time_recovery": {"enabled": True},
            },
            {**TABLE, "stream_enabled": True, "stream_view_type": "KEYS_ONLY", "deletion_protection_enabled": False},
        ],
        lambda aws, it: {
            **aws.client("dynamodb").describe_table(TableName=it)["Table"],
            "ttl": aws.client("dynamodb").describe_time_to_live(TableName=it)["TimeToLiveDescription"][
                "TimeToLiveStatus"
            ],
            **aws.client("dynamodb").describe_continuous_backups(TableName=it)["ContinuousBackupsDescription"],
        },
    ),
    "alarm": (
        """aws.cloudwatch.MetricAlarm(
            name,
            namespace="n",
            metric_name="m",
            dimensions={},
            period=60,
            comparison_operator="GreaterThanThreshold",
            evaluation_periods=1,
            statistic="Sum",
            **inputs,
        )""",
        [{"threshold": 1}, {"threshold": 2.5, "alarm_description": "it", "treat_missing_data": "breaching"}],
        lambda aws, it: aws.client("cloudwatch").describe_alarms(AlarmNames=[it])["MetricAlarms"][0],
    ),
    "log group": (
        "aws.cloudwatch.LogGroup(name, **inputs)",
        [{}, {"retention_in_days": 7}, {"retention_in_days": 30}],
        lambda aws, it: aws.client("logs").describe_log_groups(logGroupNamePrefix=it)["logGroups"][0],
    ),
    "key": (
        "aws.kms.Key(name, **inputs)",
        [{}, {"description": "it", "enable_key_rotation": True}],
        lambda aws, it: {
            **aws.client("kms").describe_key(KeyId=it)["KeyMetadata"],
            **aws.client("kms").get_key_rotation_status(KeyId=it),
        },
    ),
    "role": (
        f"""aws.iam.Role(
            name,
            assume_role_policy={TRUST!r},
            permissions_boundary=inputs.pop("bounded") and aws.iam.Policy(f"{{name}}-boundary", policy={POLICY!r}).arn,
            **inputs,
        )""",
        [{"bounded": None}, {"bounded": None, "description": "it"}, {"bounded": True}],
        lambda aws, it: aws.client("iam").get_role(RoleName=it)["Role"],
    ),
    "policy": (
        "aws.iam.Policy(name, **inputs)",
        [{"policy": POLICY}, {"policy": OTHER_POLICY}],
        lambda aws, it: aws.client("iam").get_policy_version(
            PolicyArn=it, VersionId=aws.client("iam").get_policy(PolicyArn=it)["Policy"]["DefaultVersionId"]
        )["PolicyVersion"]["Document"],
    ),
    "user pool": (
        "aws.cognito.UserPool(name, **inputs)",
        [
            {"password_policy": {"minimumLength": 14}},
            {"password_policy": {"minimumLength": 12, "requireSymbols": True}},
            {"auto_verified_attributes": ["email"]},
            {
                "mfa_configuration": "OPTIONAL",
                "software_token_mfa_configuration": {"enabled": True},
            },
        ],
        lambda aws, it: {
            "mfa": aws.client("cognito-idp").get_user_pool_mfa_config(UserPoolId=it)["MfaConfiguration"],
            **{
                key: aws.client("cognito-idp").describe_user_pool(UserPoolId=it)["UserPool"].get(key)
                for key in ("Policies", "AutoVerifiedAttributes")
            },
        },
    ),
    "user group": (
        """aws.cognito.UserGroup(
            "group", name=f"{name}-group", user_pool_id=aws.cognito.UserPool(name).id, **inputs
        )""",
        [{}, {"description": "it"}],
        lambda aws, it: (
            aws.client("cognito-idp")
            .get_group(UserPoolId=it.partition("/")[0], GroupName=it.partition("/")[2])["Group"]
            .get("Description")
        ),
    ),
    "app client": (
        "aws.cognito.UserPoolClient(name, user_pool_id=aws.cognito.UserPool('pool').id, **inputs)",
        [
            {},
            {"explicit_auth_flows": ["ALLOW_USER_PASSWORD_AUTH"], "refresh_token_validity": 7},
            {
                "callback_urls": ["http://localhost/"],
                "allowed_oauth_flows_user_pool_client": True,
                "allowed_oauth_flows": ["code"],
                "allowed_oauth_scopes": ["openid"],
            },
        ],
        lambda aws, it: next(
            aws.client("cognito-idp").describe_user_pool_client(UserPoolId=pool["Id"], ClientId=it)["UserPoolClient"]
            for pool in aws.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
            for client in aws.client("cognito-idp").list_user_pool_clients(UserPoolId=pool["Id"])["UserPoolClients"]
            if client["ClientId"] == it
        ),
    ),
    "event source": (
        f"""aws.lambda_.EventSourceMapping(
            name,
            event_source_arn=aws.sqs.Queue(f"{{name}}-queue").arn,
            function_name=aws.lambda_.Function(
                f"{{name}}-function",
                handler="index.handler",
                runtime="python3.13",
                code=pulumi.AssetArchive({{"index.py": pulumi.StringAsset("")}}),
                role=aws.iam.Role(f"{{name}}-function-role", assume_role_policy={TRUST!r}).arn,
            ).name,
            **inputs,
        )""",
        [
            {"batch_size": 5},
            {"batch_size": 5, "scaling_config": {"maximumConcurrency": 7}},
            {"batch_size": 5, "function_response_types": ["ReportBatchItemFailures"]},
            {"batch_size": 5, "filter_criteria": {"filters": [{"pattern": '{"body": ["a"]}'}]}},
        ],
        lambda aws, it: {**aws.client("lambda").get_event_source_mapping(UUID=it), "UUID": None},
    ),
    "dashboard": (
        "aws.cloudwatch.Dashboard(name, **inputs, dashboard_name=name)",
        [{"dashboard_body": '{"widgets": []}'}, {"dashboard_body": '{"widgets": [], "start": "-PT1H"}'}],
        lambda aws, it: aws.client("cloudwatch").get_dashboard(DashboardName=it)["DashboardBody"],
    ),
    "REST API": (
        "aws.apigateway.RestApi(name, **inputs)",
        [{}, {"description": "it", "api_key_source": "AUTHORIZER"}],
        lambda aws, it: [
            aws.client("apigateway").get_rest_api(restApiId=it).get(key) or ""
            for key in ("description", "apiKeySource")
        ],
    ),
    "identity pool": (
        "aws.cognito.IdentityPool(name, **inputs, identity_pool_name='it')",
        [{}, {"allow_unauthenticated_identities": True}],
        lambda aws, it: aws.client("cognito-identity").describe_identity_pool(IdentityPoolId=it)[
            "AllowUnauthenticatedIdentities"
        ],
    ),
    "function": (
        f"""aws.lambda_.Function(
            name,
            handler="index.handler",
            runtime="python3.13",
            code=pulumi.AssetArchive({{"index.py": pulumi.StringAsset("")}}),
            role=aws.iam.Role(f"{{name}}-role", assume_role_policy={TRUST!r}).arn,
            **inputs,
        )""",
        [
            {},
            {"timeout": 9, "memory_size": 256, "environment": {"variables": {"A": "1"}}},
            {"reserved_concurrent_executions": 3, "description": "it", "publish": True},
            {"environment": {"variables": {"B": "1"}}},
        ],
        lambda aws, it: {
            **aws.client("lambda").get_function_configuration(FunctionName=it),
            "reserved": aws.client("lambda")
            .get_function_concurrency(FunctionName=it)
            .get("ReservedConcurrentExecutions"),
        },
    ),
}

IDENTITY = re.compile(
    r"[Aa]rn|Id|Name|Date|Time|Version|Url|Label|Owner|Creat|Updat|Modif|Status|^State|Metadata|^Role|LogGroup"
)
"""Keys of values that differ between any two resources, or with time."""


def comparable(value):
    """A description without what identifies the resource, and without empty values."""
    if isinstance(value, dict):
        kept = {
            key: comparable(item)
            for key, item in value.items()
            if key in ("IndexName", "AttributeName") or not IDENTITY.search(key)
        }
        return {key: item for key, item in kept.items() if item not in (None, "", [], {}, 0)}
    if isinstance(value, list):
        return sorted((comparable(item) for item in value), key=str)
    return value


@pytest.mark.parametrize("case", CASES)
def test_an_updated_resource_is_like_a_new_one(tmp_path, aws, case):
    source, variants, describe = CASES[case]

    def apply(name, inputs, state):
        body = f"name, inputs = {name!r}, {inputs!r}\npulumi.export('id', {source}.id)"
        return deploy(program(tmp_path, body), aws, state)["id"]

    updated, new = State(), State()
    first = apply("one", variants[0], updated)
    for n, variant in enumerate([*variants[1:], *reversed(variants)]):
        assert apply("one", variant, updated) == first, "it was replaced"
        # Another name creates another resource, and deletes the one before.
        expected = describe(aws, apply(f"other{n}", variant, new))
        assert comparable(describe(aws, first)) == comparable(expected)
    for state in (updated, new):
        deploy(program(tmp_path, ""), aws, state)
