"""The bucket of the photos: private, versioned, and open to the site's pages by addresses that are signed."""

import pulumi
import pulumi_aws as aws

from components.iam import document, refuse_plain_http

OLD_VERSION_DAYS = 30
"""How long a version is kept that another has taken the place of. That may be a photo: until the second of two uploads
under one key is thrown away, whose event may wait in a dead-letter queue for 14 days."""

UNFINISHED_UPLOAD_DAYS = 1
"""How long the parts of an upload are kept that nobody finishes: as long as its reservation."""


def photo_bucket(
    name: str, *, site_url: pulumi.Input[str], tls_only: bool, protect: bool, parent: pulumi.Resource
) -> aws.s3.Bucket:
    """The bucket, with everything that hangs on it. `tls_only`: whether it refuses plain http."""
    child = pulumi.ResourceOptions(parent=parent)
    it = aws.s3.Bucket(name, opts=pulumi.ResourceOptions(parent=parent, protect=protect))
    access = aws.s3.BucketPublicAccessBlock(
        f"{name}-access",
        bucket=it.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=child,
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption",
        bucket=it.bucket,
        rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
        opts=child,
    )
    versioning = aws.s3.BucketVersioning(
        f"{name}-versioning", bucket=it.bucket, versioning_configuration={"status": "Enabled"}, opts=child
    )
    aws.s3.BucketLifecycleConfiguration(
        f"{name}-lifecycle",
        bucket=it.bucket,
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
    aws.s3.BucketCorsConfiguration(
        f"{name}-cors",
        bucket=it.bucket,
        cors_rules=[
            {
                "allowed_methods": ["GET", "HEAD", "POST", "PUT"],
                # An origin has no path.
                "allowed_origins": [pulumi.Output.from_input(site_url).apply(lambda url: url.rstrip("/"))],
                "allowed_headers": ["*"],
                # What an upload in parts puts together at its end.
                "expose_headers": ["ETag"],
                "max_age_seconds": 3600,
            }
        ],
        opts=child,
    )
    if tls_only:
        aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=it.bucket,
            policy=document(refuse_plain_http(it.arn)),
            # S3 takes one change of access at a time.
            opts=pulumi.ResourceOptions(parent=parent, depends_on=[access]),
        )
    return it
