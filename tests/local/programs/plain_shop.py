"""The shop of `docs/example` without components: a site, an API, a queue and live updates, as secure as there."""

import json

import pulumi
import pulumi_aws as aws

account, region = aws.get_caller_identity().account_id, aws.get_region().region
SECONDS = 20 if pulumi.Config().get_bool("changed") else 10


def document(*statements):
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def function(name, handler, statements=(), function_name=None, environment=None):
    logs = aws.cloudwatch.LogGroup(f"{name}-log", retention_in_days=7)
    role = aws.iam.Role(
        f"{name}-role",
        assume_role_policy=document(
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
            }
        ),
    )
    write_logs = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": pulumi.Output.concat(logs.arn, ":*"),
    }
    trace = {"Effect": "Allow", "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "Resource": "*"}
    policy = aws.iam.RolePolicy(f"{name}-policy", role=role.id, policy=document(write_logs, trace, *statements))
    return aws.lambda_.Function(
        name,
        name=function_name,
        runtime="python3.11",
        architectures=["arm64"],
        handler=handler,
        code=pulumi.FileArchive("app"),
        role=role.arn,
        timeout=SECONDS,
        memory_size=512,
        environment={"variables": environment or {}},
        logging_config={"log_format": "Text", "log_group": logs.name},
        tracing_config={"mode": "Active"},
        opts=pulumi.ResourceOptions(depends_on=[policy]),
    )


# The site
bucket = aws.s3.Bucket("site", force_destroy=True)
aws.s3.BucketVersioning("site", bucket=bucket.id, versioning_configuration={"status": "Enabled"})
aws.s3.BucketLifecycleConfiguration(
    "site",
    bucket=bucket.id,
    rules=[
        {
            "id": "old",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "noncurrent_version_expiration": {"noncurrent_days": 30},
            "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
        }
    ],
)
aws.s3.BucketServerSideEncryptionConfiguration(
    "site",
    bucket=bucket.id,
    rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
)
closed = aws.s3.BucketPublicAccessBlock(
    "site",
    bucket=bucket.id,
    block_public_acls=True,
    block_public_policy=True,
    ignore_public_acls=True,
    restrict_public_buckets=True,
)
for page, text in (("index.html", "<h1>Shop</h1>"), ("404.html", "<h1>Not found</h1>")):
    aws.s3.BucketObjectv2(
        page,
        bucket=bucket.id,
        key=page,
        content=text,
        content_type="text/html; charset=utf-8",
        cache_control="no-cache",
    )
access = aws.cloudfront.OriginAccessControl(
    "site", origin_access_control_origin_type="s3", signing_behavior="always", signing_protocol="sigv4"
)
headers = aws.cloudfront.ResponseHeadersPolicy(
    "site",
    security_headers_config={
        "content_security_policy": {
            "content_security_policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            "override": True,
        },
        "content_type_options": {"override": True},
        "frame_options": {"frame_option": "DENY", "override": True},
        "referrer_policy": {"referrer_policy": "same-origin", "override": True},
        "strict_transport_security": {
            "access_control_max_age_sec": 63072000,
            "include_subdomains": True,
            "override": True,
        },
    },
)
cdn = aws.cloudfront.Distribution(
    "site",
    enabled=True,
    default_root_object="index.html",
    http_version="http2and3",
    is_ipv6_enabled=True,
    origins=[
        {
            "origin_id": "site",
            "domain_name": bucket.bucket_regional_domain_name,
            "origin_access_control_id": access.id,
        }
    ],
    default_cache_behavior={
        "target_origin_id": "site",
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": ["GET", "HEAD"],
        "cached_methods": ["GET", "HEAD"],
        "cache_policy_id": "658327ea-f89d-4fab-a63d-7e88639e58f6",
        "response_headers_policy_id": headers.id,
        "compress": True,
    },
    custom_error_responses=[
        {"error_code": code, "error_caching_min_ttl": 0, "response_page_path": "/404.html", "response_code": 404}
        for code in (403, 404)
    ],
    restrictions={"geo_restriction": {"restriction_type": "none"}},
    viewer_certificate={"cloudfront_default_certificate": True},
)
objects = pulumi.Output.concat(bucket.arn, "/*")
aws.s3.BucketPolicy(
    "site",
    bucket=bucket.id,
    policy=document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": objects,
            "Condition": {"StringEquals": {"AWS:SourceArn": cdn.arn}},
        },
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket.arn, objects],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ),
    opts=pulumi.ResourceOptions(depends_on=[closed]),
)

# Live updates
AUTHORIZER = "live-authorizer"
live = aws.appsync.Api(
    "live",
    event_config={
        "auth_providers": [
            {
                "auth_type": "AWS_LAMBDA",
                "lambda_authorizer_config": {
                    "authorizer_uri": f"arn:aws:lambda:{region}:{account}:function:{AUTHORIZER}",
                    "authorizer_result_ttl_in_seconds": 0,
                },
            },
            {"auth_type": "AWS_IAM"},
        ],
        "connection_auth_modes": [{"auth_type": "AWS_LAMBDA"}],
        "default_subscribe_auth_modes": [{"auth_type": "AWS_LAMBDA"}],
        "default_publish_auth_modes": [{"auth_type": "AWS_IAM"}],
    },
)
namespace = aws.appsync.ChannelNamespace("orders", api_id=live.api_id, name="orders")
subscribe = function("subscribe", "main.hello", function_name=AUTHORIZER)
aws.lambda_.Permission(
    "subscribe",
    action="lambda:InvokeFunction",
    function=subscribe.name,
    principal="appsync.amazonaws.com",
    source_arn=live.api_arn,
)

# The queue
dead = aws.sqs.Queue("dead", message_retention_seconds=1209600, sqs_managed_sse_enabled=True)
orders = aws.sqs.Queue(
    "orders",
    visibility_timeout_seconds=120,
    max_message_size=65536,
    message_retention_seconds=604800,
    sqs_managed_sse_enabled=True,
    redrive_policy=pulumi.Output.json_dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 5}),
)
receive = [
    *("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "sqs:ChangeMessageVisibility",
]
make = function(
    "make",
    "main.hello",
    [
        {"Effect": "Allow", "Action": "appsync:EventPublish", "Resource": namespace.channel_namespace_arn},
        {"Effect": "Allow", "Action": receive, "Resource": orders.arn},
    ],
    environment={
        "LIVE_HOST": live.dns["HTTP"],
        "LIVE_URL": pulumi.Output.concat("https://", live.dns["HTTP"], "/event"),
    },
)
aws.lambda_.EventSourceMapping(
    "orders",
    event_source_arn=orders.arn,
    function_name=make.arn,
    batch_size=10,
    function_response_types=["ReportBatchItemFailures"],
    scaling_config={"maximum_concurrency": 2},
)

# The API
menu = function("menu", "main.hello")
order = function(
    "order",
    "main.hello",
    [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": orders.arn}],
    environment={"ORDERS_QUEUE_URL": orders.url},
)
api = aws.apigateway.RestApi("api", endpoint_configuration={"types": "REGIONAL"})
integrations, permissions = [], []
for verb, path, target in (("GET", "menu", menu), ("POST", "orders", order)):
    resource = aws.apigateway.Resource(path, rest_api=api.id, parent_id=api.root_resource_id, path_part=path)
    method = aws.apigateway.Method(
        path, rest_api=api.id, resource_id=resource.id, http_method=verb, authorization="NONE"
    )
    integrations.append(
        aws.apigateway.Integration(
            path,
            rest_api=api.id,
            resource_id=resource.id,
            http_method=method.http_method,
            integration_http_method="POST",
            type="AWS_PROXY",
            uri=target.invoke_arn,
        )
    )
    permissions.append(
        aws.lambda_.Permission(
            path,
            action="lambda:InvokeFunction",
            function=target.name,
            principal="apigateway.amazonaws.com",
            source_arn=pulumi.Output.concat(api.execution_arn, f"/*/{verb}/{path}"),
        )
    )
deployment = aws.apigateway.Deployment(
    "api",
    rest_api=api.id,
    triggers={"routes": json.dumps(["menu", "orders"])},
    opts=pulumi.ResourceOptions(depends_on=[*integrations, *permissions]),
)
access_log = aws.cloudwatch.LogGroup("api-access-log", retention_in_days=7)
stage = aws.apigateway.Stage(
    "api",
    rest_api=api.id,
    deployment=deployment.id,
    stage_name="v1",
    xray_tracing_enabled=True,
    access_log_settings={
        "destination_arn": access_log.arn,
        "format": json.dumps({"requestId": "$context.requestId", "status": "$context.status"}),
    },
)
aws.apigateway.MethodSettings(
    "api",
    rest_api=api.id,
    stage_name=stage.stage_name,
    method_path="*/*",
    settings={"throttling_rate_limit": 100, "throttling_burst_limit": 50, "metrics_enabled": False},
)
pulumi.export("site", cdn.domain_name)
pulumi.export("url", pulumi.Output.concat(stage.invoke_url, "/menu"))
pulumi.export("live", live.dns["REALTIME"])
