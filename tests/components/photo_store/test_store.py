"""The photo bucket, its permissions, and how uploads reach their function."""

import json

import pulumi_aws as aws
import pytest

from tests.components.policies import allowed, listed, statements
from tests.components.recorder import ACCOUNT, Recorded, Recording, recorded_stack

SUB = "${cognito-identity.amazonaws.com:sub}"


def bucket(cafe: Recording) -> Recorded:
    return cafe.one(aws.s3.Bucket, "-photos-bucket")


def test_the_bucket_keeps_versions(cafe: Recording) -> None:
    versioning = cafe.one(aws.s3.BucketVersioning, "photos-bucket-versioning")

    assert (versioning["bucket"], versioning["versioningConfiguration"]) == (bucket(cafe).id, {"status": "Enabled"})


def test_the_lifecycle_removes_leftovers_but_no_photos(cafe: Recording) -> None:
    lifecycle = cafe.one(aws.s3.BucketLifecycleConfiguration, "photos-bucket-lifecycle")
    (rule,) = lifecycle["rules"]

    assert (lifecycle["bucket"], rule["status"], rule["filter"]) == (bucket(cafe).id, "Enabled", {"prefix": ""})
    assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 1}
    # A dead letter is kept for 14 days, and until it is processed, the photo may be a noncurrent version.
    assert rule["noncurrentVersionExpiration"]["noncurrentDays"] > 14
    assert "expiration" not in rule
    assert cafe.one(aws.s3.BucketVersioning, "photos-bucket-versioning") in list(cafe.dependencies_of(lifecycle))


def test_the_bucket_policy_allows_nothing(cafe: Recording) -> None:
    assert {each["Effect"] for each in statements(cafe.one(aws.s3.BucketPolicy, "-photos-bucket-policy"))} == {"Deny"}


@pytest.mark.parametrize(
    ("header", "usual"),
    [
        ("s3:x-amz-storage-class", "STANDARD"),
        ("s3:x-amz-server-side-encryption", "AES256"),
        ("s3:x-amz-server-side-encryption-customer-algorithm", None),
        ("s3:x-amz-website-redirect-location", None),
    ],
)
def test_unusual_uploads_are_denied(cafe: Recording, header: str, usual: str | None) -> None:
    (statement,) = [
        each
        for each in statements(cafe.one(aws.s3.BucketPolicy, "-photos-bucket-policy"))
        if each["Condition"].get("Null") == {header: "false"}
    ]

    assert (statement["Principal"], statement["Action"]) == ("*", "s3:PutObject")
    assert statement["Resource"] == f"{bucket(cafe).arn}/*"
    assert statement["Condition"].get("StringNotEquals") == (usual and {header: usual})


def test_on_aws_the_bucket_policy_denies_plain_http(dev: Recording) -> None:
    statement = statements(dev.one(aws.s3.BucketPolicy, "-photos-bucket-policy"))[-1]

    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert sorted(statement["Resource"]) == [bucket(dev).arn, f"{bucket(dev).arn}/*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_only_the_site_can_upload(dev: Recording) -> None:
    (rule,) = dev.one(aws.s3.BucketCorsConfiguration, "-photos-bucket-cors")["corsRules"]

    assert rule["allowedOrigins"] == [dev.outputs["webappUrl"].removesuffix("/")]
    assert set(rule["allowedMethods"]) == {"GET", "HEAD", "POST", "PUT"}


def test_the_table_has_an_index_over_all_photos(cafe: Recording) -> None:
    table = cafe.one(aws.dynamodb.Table, "-photos-metadata")

    assert (table["hashKey"], table["rangeKey"], table["billingMode"]) == ("userid", "id", "PAY_PER_REQUEST")
    assert [(i["hashKey"], i["rangeKey"]) for i in table["globalSecondaryIndexes"]] == [("_shard", "id")]
    assert table["ttl"] == {"attributeName": "_expireOn", "enabled": True}
    assert table["pointInTimeRecovery"] == {"enabled": True}


def test_the_bucket_notifies_the_queue_of_uploads(cafe: Recording) -> None:
    notification = cafe.one(aws.s3.BucketNotification)
    queue = cafe.one(aws.sqs.Queue, "-photos-uploads")
    policy = cafe.one(aws.sqs.QueuePolicy)

    assert notification["bucket"] == bucket(cafe).id
    assert [(each["queueArn"], each["events"], each["filterPrefix"]) for each in notification["queues"]] == [
        (queue.arn, ["s3:ObjectCreated:*"], "uploads/"),
        (queue.arn, ["s3:ObjectCreated:*"], "identities/"),
    ]
    # S3 sends a test message when the notification is configured.
    assert policy in list(cafe.dependencies_of(notification))


def test_only_this_bucket_can_send_to_the_queue(cafe: Recording) -> None:
    queue = cafe.one(aws.sqs.Queue, "-photos-uploads")
    policy = cafe.one(aws.sqs.QueuePolicy)

    assert policy["queueUrl"] == queue.outputs["url"]
    assert statements(policy) == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue.arn,
            "Condition": {
                "ArnEquals": {"aws:SourceArn": bucket(cafe).arn},
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
            },
        }
    ]


def test_the_queue_invokes_file_photo(cafe: Recording) -> None:
    queue = cafe.one(aws.sqs.Queue, "-photos-uploads")
    (source,) = [s for s in cafe.of(aws.lambda_.EventSourceMapping) if s["eventSourceArn"] == queue.arn]
    function = cafe.by(aws.lambda_.Function, "arn")[source["functionName"]]

    assert function["handler"] == "lambdas.file_photo.handler"
    assert source["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert queue["visibilityTimeoutSeconds"] >= 6 * function["timeout"]
    # An image of 50 million pixels must fit into memory.
    assert function["memorySize"] >= 1024


def test_functions_can_access_photos_and_no_other_objects(cafe: Recording) -> None:
    prefixes = {f"{bucket(cafe).arn}/{prefix}/*" for prefix in ("uploads", "identities")}
    own = f"{bucket(cafe).arn}/identities/{SUB}/*"
    resources = {
        resource
        for policy in cafe.of(aws.iam.RolePolicy)
        for statement in allowed(statements(policy))
        if any(action.startswith("s3:") for action in listed(statement["Action"]))
        for resource in listed(statement["Resource"])
    }
    copies = f"{cafe.one(aws.s3.Bucket, '-invoices-anchor').arn}/*"

    assert resources == {*prefixes, own, copies}


def test_identities_are_the_signed_in_users_of_this_pool(cafe: Recording) -> None:
    pool = cafe.one(aws.cognito.IdentityPool)
    (provider,) = pool["cognitoIdentityProviders"]

    assert pool["allowUnauthenticatedIdentities"] is False
    assert provider["clientId"] == cafe.outputs["userPoolClientId"]
    assert provider["providerName"] == cafe.one(aws.cognito.UserPool).outputs["endpoint"]
    assert provider["serverSideTokenCheck"] is True


def test_users_can_upload_only_under_their_own_identity(cafe: Recording) -> None:
    attachment = cafe.one(aws.cognito.IdentityPoolRoleAttachment)
    role = cafe.by(aws.iam.Role, "arn")[attachment["roles"]["authenticated"]]
    (policy,) = [policy for policy in cafe.of(aws.iam.RolePolicy) if policy["role"] == role.id]
    pool = cafe.one(aws.cognito.IdentityPool)

    assert attachment["identityPoolId"] == pool.id
    assert attachment["roles"].keys() == {"authenticated"}
    assert statements(policy) == [
        {
            "Effect": "Allow",
            "Action": ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
            "Resource": [f"{bucket(cafe).arn}/identities/{SUB}/*"],
        }
    ]
    assert statements(role, "assumeRolePolicy") == [
        {
            "Effect": "Allow",
            "Principal": {"Federated": "cognito-identity.amazonaws.com"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {"cognito-identity.amazonaws.com:aud": pool.id},
                "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
            },
        }
    ]


@pytest.mark.parametrize(("stack", "protected"), [("dev", False), ("prod", True)])
def test_production_protects_the_photos(stack: str, protected: bool) -> None:
    cafe = recorded_stack(stack)

    assert bucket(cafe).protect is protected
    assert cafe.one(aws.dynamodb.Table, "-photos-metadata").protect is protected


def test_the_quota_comes_from_the_config(configured: Recording) -> None:
    variables = [function["environment"]["variables"] for function in configured.of(aws.lambda_.Function)]
    quotas = {(v["PHOTO_QUOTA_COUNT"], v["PHOTO_QUOTA_MEGABYTES"]) for v in variables if "PHOTO_QUOTA_COUNT" in v}

    assert quotas == {("7", "70")}


def test_the_bucket_addressing_style(dev: Recording, local: Recording) -> None:
    def addressing(cafe: Recording) -> set[str]:
        variables = [function["environment"]["variables"] for function in cafe.of(aws.lambda_.Function)]
        return {v["PHOTOS_ADDRESSING"] for v in variables if "PHOTOS_ADDRESSING" in v}

    assert (addressing(dev), addressing(local)) == ({"virtual"}, {"path"})


def test_the_queue_is_in_the_alarms_and_on_the_dashboard(dev: Recording) -> None:
    queue = dev.one(aws.sqs.Queue, "-photos-uploads")
    letters = dev.one(aws.sqs.Queue, "-photos-uploads-dlq")
    watched = json.dumps([alarm.inputs for alarm in dev.of(aws.cloudwatch.MetricAlarm)])

    assert letters.outputs["name"] in watched
    assert queue.outputs["name"] in dev.one(aws.cloudwatch.Dashboard)["dashboardBody"]
