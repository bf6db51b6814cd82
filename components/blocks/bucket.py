"""Settings of every bucket: private, encrypted, and with expiring old versions."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from .iam import Statement, deny_plain_http, document

OLD_VERSION_DAYS = 30
"""Days to keep a noncurrent version. In the photo bucket, this may be a valid photo until the second of two uploads to
its key is deleted, whose event may wait in a dead-letter queue for 14 days."""

UNFINISHED_UPLOAD_DAYS = 1
"""Days to keep the parts of an incomplete multipart upload."""


def block_public_access(
    name: str,
    bucket: aws.s3.Bucket,
    parent: pulumi.Resource,
    *,
    tls_only: bool,
    statements: Sequence[Statement] = (),
) -> aws.s3.BucketPolicy | None:
    """Block public access to a bucket, encrypt it with S3 managed keys, and deny plain HTTP if `tls_only` is set.

    `statements` are added to its policy. The resources are named `name-encryption`, `name-access` and `name-policy`.
    Returns the policy, or `None` if it has no statements.
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
    policy_statements = [*statements, *([deny_plain_http(bucket.arn)] if tls_only else [])]
    if not policy_statements:
        return None
    return aws.s3.BucketPolicy(
        f"{name}-policy",
        bucket=bucket.bucket,
        policy=document(*policy_statements),
        # S3 accepts one access change at a time.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[access]),
    )


def enable_versioning(name: str, bucket: pulumi.Input[str], parent: pulumi.Resource) -> None:
    """Enable versioning and expire old versions. The resources are named `name-versioning` and `name-lifecycle`."""
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
        # Noncurrent versions exist only once versioning is enabled.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[versioning]),
    )
