"""Access logs: their fields, their bucket and their retention."""

import pulumi_aws as aws
import pytest

from tests.components.policies import Statement, allowed, statements
from tests.components.recorder import ACCOUNT, Recorded, Recording, recorded_stack


def log_bucket(cafe: Recording) -> Recorded:
    return cafe.one(aws.s3.Bucket, "-access-logs")


def writers(cafe: Recording) -> dict[str, Statement]:
    policy = cafe.one(aws.s3.BucketPolicy, "-access-logs-policy")
    return {statement["Principal"]["Service"]: statement for statement in allowed(statements(policy))}


@pytest.mark.parametrize("stack", ["dev", "local"])
def test_they_are_off_by_default(stack: str) -> None:
    cafe = recorded_stack(stack)

    assert len(cafe.of(aws.s3.Bucket)) == 3
    assert [str(each) for each in cafe.custom if "logDelivery" in each.type or "bucketLogging" in each.type] == []


def test_production_keeps_them_as_long_as_other_logs() -> None:
    prod = recorded_stack("prod")
    (rule,) = prod.one(aws.s3.BucketLifecycleConfiguration, "-access-logs-lifecycle")["rules"]

    assert (rule["status"], rule["filter"], rule["expiration"]) == ("Enabled", {"prefix": ""}, {"days": 365})
    assert (log_bucket(prod).protect, log_bucket(prod)["forceDestroy"]) == (True, False)


def test_outside_production_they_are_destroyed_with_the_stack(configured: Recording) -> None:
    assert (log_bucket(configured).protect, log_bucket(configured)["forceDestroy"]) == (False, True)


def test_requests_to_the_distribution_are_logged(configured: Recording) -> None:
    source, destination, delivery = (
        configured.one(kind)
        for kind in (
            aws.cloudwatch.LogDeliverySource,
            aws.cloudwatch.LogDeliveryDestination,
            aws.cloudwatch.LogDelivery,
        )
    )

    assert source["resourceArn"] == configured.one(aws.cloudfront.Distribution).arn
    assert source["logType"] == "ACCESS_LOGS"
    configuration = destination["deliveryDestinationConfiguration"]
    assert configuration == {"destinationResourceArn": log_bucket(configured).arn}
    assert delivery["deliverySourceName"] == source.outputs["name"]
    assert delivery["deliveryDestinationArn"] == destination.arn
    # CloudFront's logs can only be configured in this region.
    assert {each["region"] for each in (source, destination, delivery)} == {"us-east-1"}


def test_log_lines_contain_no_secrets(configured: Recording) -> None:
    fields = configured.one(aws.cloudwatch.LogDelivery)["recordFields"]

    assert len(set(fields)) == len(fields)
    assert {"date", "time", "c-ip", "cs-method", "sc-status", "cache-behavior-path-pattern"} <= set(fields)
    secret = {"cs-uri-stem", "cs-uri-query", "cs(Referer)", "cs(Cookie)", "cs-headers", "x-forwarded-for"}
    assert secret & set(fields) == set()


def test_requests_to_the_other_buckets_are_logged(configured: Recording) -> None:
    others = {bucket.id for bucket in configured.of(aws.s3.Bucket) if "-anchor" not in bucket.name}
    others -= {log_bucket(configured).id}
    logging = configured.of(aws.s3.BucketLogging)

    assert {each["bucket"] for each in logging} == others
    assert {each["targetBucket"] for each in logging} == {log_bucket(configured).id}
    prefixes = [each["targetPrefix"] for each in logging]
    assert sorted(prefixes) == ["buckets/photos/", "buckets/site/"]


def test_only_the_log_services_can_write_to_the_bucket(configured: Recording) -> None:
    bucket, found = log_bucket(configured), writers(configured)
    s3, delivery = found["logging.s3.amazonaws.com"], found["delivery.logs.amazonaws.com"]

    assert len(found) == 2
    assert {statement["Action"] for statement in found.values()} == {"s3:PutObject"}
    assert s3["Resource"] == f"{bucket.arn}/buckets/*"
    others = sorted(
        each.arn for each in configured.of(aws.s3.Bucket) if each is not bucket and "-anchor" not in each.name
    )
    assert sorted(s3["Condition"]["ArnLike"]["aws:SourceArn"]) == others
    assert s3["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    assert delivery["Resource"] == f"{bucket.arn}/AWSLogs/{ACCOUNT}/*"
    assert delivery["Condition"] == {
        "ArnLike": {"aws:SourceArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:delivery-source:*"},
        "StringEquals": {"aws:SourceAccount": ACCOUNT, "s3:x-amz-acl": "bucket-owner-full-control"},
    }


@pytest.mark.parametrize("kind", [aws.s3.BucketLogging, aws.cloudwatch.LogDelivery])
def test_logging_depends_on_the_bucket_policy(configured: Recording, kind: type) -> None:
    policy = configured.one(aws.s3.BucketPolicy, "-access-logs-policy")

    assert [str(each) for each in configured.of(kind) if policy not in list(configured.dependencies_of(each))] == []
