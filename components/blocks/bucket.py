"""What every bucket of the program has in common: private, encrypted, and with an end to old versions."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from .iam import Statement, document, refuse_plain_http

OLD_VERSION_DAYS = 30
"""How long a version is kept that another has taken the place of, or that was deleted. In the photos' bucket that may
be a photo: until the second of two uploads under one key is thrown away, whose event may wait in a dead-letter queue
for 14 days."""

UNFINISHED_UPLOAD_DAYS = 1
"""How long the parts of an upload are kept that nobody finishes."""


def close_bucket(
    name: str,
    bucket: aws.s3.Bucket,
    parent: pulumi.Resource,
    *,
    tls_only: bool,
    statements: Sequence[Statement] = (),
) -> aws.s3.BucketPolicy | None:
    """Close a bucket to the public, encrypt it with S3's own keys, and refuse plain http where `tls_only` says so.

    `statements` are what its policy says besides. What is made is named `name-encryption`, `name-access` and
    `name-policy`. Returns the policy, or nothing if there is nothing to say in one.
    """
    child = pulumi.ResourceOptions(parent=parent)
    aws.s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption",
        bucket=bucket.bucket,
        rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
        opts=child,
    )
    access = aws.s3.BucketPublicAccessBlock(
        f"{name}-access",
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=child,
    )
    said = [*statements, *([refuse_plain_http(bucket.arn)] if tls_only else [])]
    if not said:
        return None
    return aws.s3.BucketPolicy(
        f"{name}-policy",
        bucket=bucket.bucket,
        policy=document(*said),
        # S3 takes one change of access at a time.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[access]),
    )


def keep_versions(name: str, bucket: pulumi.Input[str], parent: pulumi.Resource) -> None:
    """Versions of a bucket's objects, and an end to those that nobody needs any more. What is made is named
    `name-versioning` and `name-lifecycle`."""
    versioning = aws.s3.BucketVersioning(
        f"{name}-versioning",
        bucket=bucket,
        versioning_configuration={"status": "Enabled"},
        opts=pulumi.ResourceOptions(parent=parent),
    )
    aws.s3.BucketLifecycleConfiguration(
        f"{name}-lifecycle",
        bucket=bucket,
        rules=[
            {
                "id": "leftovers",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "noncurrent_version_expiration": {"noncurrent_days": OLD_VERSION_DAYS},
                "abort_incomplete_multipart_upload": {"days_after_initiation": UNFINISHED_UPLOAD_DAYS},
            }
        ],
        # Old versions are there once the bucket keeps them.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[versioning]),
    )
