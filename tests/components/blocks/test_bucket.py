"""Settings that every bucket of the program has, and those of a bucket without a policy."""

import pulumi
import pulumi_aws as aws
import pytest

from components.blocks.bucket import block_public_access
from tests.components.policies import statements
from tests.components.recorder import Recorded, Recording, record


@pytest.fixture(scope="module", params=["web", "photos-bucket", "access-logs"])
def bucket(request: pytest.FixtureRequest, configured: Recording) -> Recorded:
    return configured.one(aws.s3.Bucket, f"-{request.param}")


def test_the_tests_cover_every_bucket(configured: Recording) -> None:
    assert len(configured.of(aws.s3.Bucket)) == 4


def test_public_access_is_blocked(configured: Recording, bucket: Recorded) -> None:
    access = configured.one(aws.s3.BucketPublicAccessBlock, f"{bucket.name}-access")
    ways = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")

    assert access["bucket"] == bucket.id
    assert [access[way] for way in ways] == [True] * 4


def test_it_is_encrypted_with_aes256(configured: Recording, bucket: Recorded) -> None:
    encryption = configured.one(aws.s3.BucketServerSideEncryptionConfiguration, f"{bucket.name}-encryption")

    assert encryption["bucket"] == bucket.id
    # S3 delivers access logs only to buckets with this default encryption.
    assert encryption["rules"] == [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]


def test_its_policy_denies_plain_http(configured: Recording, bucket: Recorded) -> None:
    (denied,) = [
        statement
        for statement in statements(configured.one(aws.s3.BucketPolicy, f"{bucket.name}-policy"))
        if statement.get("Sid") == "TlsOnly"
    ]

    assert (denied["Principal"], denied["Action"]) == ("*", "s3:*")
    assert sorted(denied["Resource"]) == [bucket.arn, f"{bucket.arn}/*"]
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_its_policy_depends_on_its_public_access_block(configured: Recording, bucket: Recorded) -> None:
    policy = configured.one(aws.s3.BucketPolicy, f"{bucket.name}-policy")

    assert configured.one(aws.s3.BucketPublicAccessBlock, f"{bucket.name}-access") in list(
        configured.dependencies_of(policy)
    )


def test_a_bucket_without_statements_has_no_policy() -> None:
    class It(pulumi.ComponentResource):
        def __init__(self) -> None:
            super().__init__("test:It", "it")
            assert block_public_access("it", aws.s3.Bucket("it"), self, tls_only=False) is None

    types = {each.type for each in record(It).custom}

    assert aws.s3.BucketPublicAccessBlock.pulumi_type in types
    assert aws.s3.BucketPolicy.pulumi_type not in types
