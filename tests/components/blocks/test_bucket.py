"""What holds for every bucket, and for one that has nothing else said about it."""

import pulumi
import pulumi_aws as aws
import pytest

from components.blocks.bucket import close_bucket
from tests.components.policies import statements
from tests.components.recorder import Recorded, Recording, record


@pytest.fixture(scope="module", params=["web", "photos-bucket", "access-logs"])
def bucket(request: pytest.FixtureRequest, configured: Recording) -> Recorded:
    return configured.one(aws.s3.Bucket, f"-{request.param}")


def test_no_bucket_is_left_out(configured: Recording) -> None:
    assert len(configured.of(aws.s3.Bucket)) == 3


def test_it_is_closed_in_all_four_ways(configured: Recording, bucket: Recorded) -> None:
    access = configured.one(aws.s3.BucketPublicAccessBlock, f"{bucket.name}-access")
    ways = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")

    assert access["bucket"] == bucket.id
    assert [access[way] for way in ways] == [True] * 4


def test_it_is_encrypted(configured: Recording, bucket: Recorded) -> None:
    encryption = configured.one(aws.s3.BucketServerSideEncryptionConfiguration, f"{bucket.name}-encryption")

    assert encryption["bucket"] == bucket.id
    # S3 delivers access logs to no bucket with another default.
    assert encryption["rules"] == [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]


def test_it_refuses_plain_http(configured: Recording, bucket: Recorded) -> None:
    (denied,) = [
        statement
        for statement in statements(configured.one(aws.s3.BucketPolicy, f"{bucket.name}-policy"))
        if statement["Effect"] == "Deny"
    ]

    assert (denied["Principal"], denied["Action"]) == ("*", "s3:*")
    assert sorted(denied["Resource"]) == [bucket.arn, f"{bucket.arn}/*"]
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_its_policy_waits_until_it_is_closed(configured: Recording, bucket: Recorded) -> None:
    policy = configured.one(aws.s3.BucketPolicy, f"{bucket.name}-policy")

    assert configured.one(aws.s3.BucketPublicAccessBlock, f"{bucket.name}-access") in list(configured.below(policy))


def test_where_there_is_nothing_to_say_there_is_no_policy() -> None:
    class It(pulumi.ComponentResource):
        def __init__(self) -> None:
            super().__init__("test:It", "it")
            assert close_bucket("it", aws.s3.Bucket("it"), self, tls_only=False) is None

    types = {each.type for each in record(It).custom}

    assert aws.s3.BucketPublicAccessBlock.pulumi_type in types
    assert aws.s3.BucketPolicy.pulumi_type not in types
