"""The bucket of the photos, who may do what with it, and how arrivals reach their function."""

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


def test_what_is_left_over_goes_by_itself_and_no_photo_does(cafe: Recording) -> None:
    lifecycle = cafe.one(aws.s3.BucketLifecycleConfiguration, "photos-bucket-lifecycle")
    (rule,) = lifecycle["rules"]

    assert (lifecycle["bucket"], rule["status"], rule["filter"]) == (bucket(cafe).id, "Enabled", {"prefix": ""})
    assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 1}
    # A dead letter is kept for 14 days, and a photo may be the older version until it is handled.
    assert rule["noncurrentVersionExpiration"]["noncurrentDays"] > 14
    assert "expiration" not in rule
    assert cafe.one(aws.s3.BucketVersioning, "photos-bucket-versioning") in list(cafe.below(lifecycle))


def test_on_aws_the_bucket_refuses_plain_http_and_allows_nobody(dev: Recording) -> None:
    (only,) = statements(dev.one(aws.s3.BucketPolicy, "-photos-bucket-policy"))

    assert (only["Effect"], only["Principal"], only["Action"]) == ("Deny", "*", "s3:*")
    assert sorted(only["Resource"]) == [bucket(dev).arn, f"{bucket(dev).arn}/*"]
    assert only["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_sites_pages_and_no_others_may_upload(dev: Recording) -> None:
    (rule,) = dev.one(aws.s3.BucketCorsConfiguration, "-photos-bucket-cors")["corsRules"]

    assert rule["allowedOrigins"] == [dev.outputs["webappUrl"].removesuffix("/")]
    assert set(rule["allowedMethods"]) == {"GET", "HEAD", "POST", "PUT"}


def test_a_table_of_photos_and_one_index_over_everyones(cafe: Recording) -> None:
    table = cafe.one(aws.dynamodb.Table, "-photos-metadata")

    assert (table["hashKey"], table["rangeKey"], table["billingMode"]) == ("userid", "id", "PAY_PER_REQUEST")
    assert [(i["hashKey"], i["rangeKey"]) for i in table["globalSecondaryIndexes"]] == [("_shard", "id")]
    assert table["ttl"] == {"attributeName": "_expireOn", "enabled": True}
    assert table["pointInTimeRecovery"] == {"enabled": True}


def test_arrivals_are_told_to_the_queue(cafe: Recording) -> None:
    notification = cafe.one(aws.s3.BucketNotification)
    queue = cafe.one(aws.sqs.Queue, "-photos-arrivals")
    policy = cafe.one(aws.sqs.QueuePolicy)

    assert notification["bucket"] == bucket(cafe).id
    assert [(told["queueArn"], told["events"], told["filterPrefix"]) for told in notification["queues"]] == [
        (queue.arn, ["s3:ObjectCreated:*"], "uploads/"),
        (queue.arn, ["s3:ObjectCreated:*"], "identities/"),
    ]
    # S3 tries the queue when it is told of it.
    assert policy in list(cafe.below(notification))


def test_only_s3_and_only_about_this_bucket_may_fill_the_queue(cafe: Recording) -> None:
    queue = cafe.one(aws.sqs.Queue, "-photos-arrivals")
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


def test_the_queue_feeds_the_function_that_looks(cafe: Recording) -> None:
    queue = cafe.one(aws.sqs.Queue, "-photos-arrivals")
    (source,) = [s for s in cafe.of(aws.lambda_.EventSourceMapping) if s["eventSourceArn"] == queue.arn]
    function = cafe.by(aws.lambda_.Function, "arn")[source["functionName"]]

    assert function["handler"] == "lambdas.file_photo.handler"
    assert source["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert queue["visibilityTimeoutSeconds"] >= 6 * function["timeout"]
    # A picture of 50 million pixels has to fit, with room for the rest.
    assert function["memorySize"] >= 1024


def test_functions_get_at_pictures_and_at_nothing_else_in_any_bucket(cafe: Recording) -> None:
    places = {f"{bucket(cafe).arn}/{place}/*" for place in ("uploads", "identities")}
    own = f"{bucket(cafe).arn}/identities/{SUB}/*"
    resources = {
        resource
        for policy in cafe.of(aws.iam.RolePolicy)
        for statement in allowed(statements(policy))
        if any(action.startswith("s3:") for action in listed(statement["Action"]))
        for resource in listed(statement["Resource"])
    }

    assert resources == {*places, own}


def test_identities_are_the_signed_in_users_of_this_pool(cafe: Recording) -> None:
    pool = cafe.one(aws.cognito.IdentityPool)
    (provider,) = pool["cognitoIdentityProviders"]

    assert pool["allowUnauthenticatedIdentities"] is False
    assert provider["clientId"] == cafe.outputs["userPoolClientId"]
    assert provider["providerName"] == cafe.one(aws.cognito.UserPool).outputs["endpoint"]
    assert provider["serverSideTokenCheck"] is True


def test_a_user_may_upload_under_their_own_identity_and_nothing_else(cafe: Recording) -> None:
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
def test_in_production_nobody_deletes_the_photos_by_accident(stack: str, protected: bool) -> None:
    cafe = recorded_stack(stack)

    assert bucket(cafe).protect is protected
    assert cafe.one(aws.dynamodb.Table, "-photos-metadata").protect is protected


def test_the_quota_comes_from_the_config(configured: Recording) -> None:
    variables = [function["environment"]["variables"] for function in configured.of(aws.lambda_.Function)]
    quotas = {(v["PHOTO_QUOTA_COUNT"], v["PHOTO_QUOTA_MEGABYTES"]) for v in variables if "PHOTO_QUOTA_COUNT" in v}

    assert quotas == {("7", "70")}


def test_where_a_buckets_name_stands(dev: Recording, local: Recording) -> None:
    def addressing(cafe: Recording) -> set[str]:
        variables = [function["environment"]["variables"] for function in cafe.of(aws.lambda_.Function)]
        return {v["PHOTOS_ADDRESSING"] for v in variables if "PHOTOS_ADDRESSING" in v}

    assert (addressing(dev), addressing(local)) == ({"virtual"}, {"path"})


def test_alarms_and_the_dashboard_know_the_queue(dev: Recording) -> None:
    queue = dev.one(aws.sqs.Queue, "-photos-arrivals")
    letters = dev.one(aws.sqs.Queue, "-photos-arrivals-dlq")
    watched = json.dumps([alarm.inputs for alarm in dev.of(aws.cloudwatch.MetricAlarm)])

    assert letters.outputs["name"] in watched
    assert queue.outputs["name"] in dev.one(aws.cloudwatch.Dashboard)["dashboardBody"]
