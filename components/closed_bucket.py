"""Closing a bucket: what holds for every bucket of the program, whatever is in it."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.iam import Statement, document, refuse_plain_http


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
