"""Lists what exists in the emulator, through the services' own APIs."""

from collections.abc import Iterator


def inventory(aws):
    """What exists, as `service kind name`."""
    return {f"{kind} {name}" for kind, name in _found(aws)}


def _found(aws) -> Iterator[tuple[str, str]]:
    yield from _lists(aws)
    for pool in aws.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]:
        yield "user pool", pool["Id"]
    for pool in aws.client("cognito-identity").list_identity_pools(MaxResults=60)["IdentityPools"]:
        yield "identity pool", pool["IdentityPoolId"]
    kms = aws.client("kms")
    for key in kms.list_keys()["Keys"]:
        # AWS deletes a key only after a waiting period.
        metadata = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        if metadata["KeyState"] != "PendingDeletion" and metadata.get("KeyManager") != "AWS":
            yield "key", key["KeyId"]
    cloudfront = aws.client("cloudfront")
    for it in cloudfront.list_distributions()["DistributionList"].get("Items", []):
        yield "distribution", it["Id"]
    for it in cloudfront.list_origin_access_controls()["OriginAccessControlList"].get("Items", []):
        yield "origin access control", it["Id"]
    for it in cloudfront.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"].get("Items", []):
        yield "response headers policy", it["ResponseHeadersPolicy"]["Id"]
    for it in aws.client("cloudwatch").list_dashboards()["DashboardEntries"]:
        yield "dashboard", it["DashboardName"]


LISTS = (
    ("sqs", "list_queues", {}, "QueueUrls", None),
    ("sns", "list_topics", {}, "Topics", "TopicArn"),
    ("sns", "list_subscriptions", {}, "Subscriptions", "SubscriptionArn"),
    ("dynamodb", "list_tables", {}, "TableNames", None),
    ("s3", "list_buckets", {}, "Buckets", "Name"),
    ("lambda", "list_functions", {}, "Functions", "FunctionName"),
    ("lambda", "list_event_source_mappings", {}, "EventSourceMappings", "UUID"),
    ("iam", "list_roles", {}, "Roles", "RoleName"),
    ("iam", "list_policies", {"Scope": "Local"}, "Policies", "Arn"),
    ("apigateway", "get_rest_apis", {}, "items", "id"),
    ("cloudwatch", "describe_alarms", {}, "MetricAlarms", "AlarmName"),
    ("logs", "describe_log_groups", {}, "logGroups", "logGroupName"),
    ("stepfunctions", "list_state_machines", {}, "stateMachines", "stateMachineArn"),
    ("sesv2", "list_email_identities", {}, "EmailIdentities", "IdentityName"),
)
"""Service, operation, parameters, and where its answer has the names."""

KINDS = {
    "aws:apigateway/restApi:RestApi": "apigateway items",
    "aws:cloudfront/distribution:Distribution": "distribution",
    "aws:cloudwatch/logGroup:LogGroup": "logs logGroups",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "cloudwatch MetricAlarms",
    "aws:cognito/userPool:UserPool": "user pool",
    "aws:dynamodb/table:Table": "dynamodb TableNames",
    "aws:iam/policy:Policy": "iam Policies",
    "aws:iam/role:Role": "iam Roles",
    "aws:kms/key:Key": "key",
    "aws:lambda/function:Function": "lambda Functions",
    "aws:s3/bucket:Bucket": "s3 Buckets",
    "aws:sns/topic:Topic": "sns Topics",
    "aws:sqs/queue:Queue": "sqs QueueUrls",
}
"""The kinds of the resource types whose Pulumi ID is the name in the inventory."""


def _lists(aws) -> Iterator[tuple[str, str]]:
    for service, operation, parameters, key, field in LISTS:
        client = aws.client(service)
        pages = (
            client.get_paginator(operation).paginate(**parameters)
            if client.can_paginate(operation)
            else [getattr(client, operation)(**parameters)]
        )
        for page in pages:
            for item in page.get(key, []):
                yield f"{service} {key}", item[field] if field else item
