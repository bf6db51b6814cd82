"""Keeping what was overwritten or deleted in a bucket, for a while."""

import pulumi
import pulumi_aws as aws

OLD_VERSION_DAYS = 30
"""How long a version is kept that another has taken the place of, or that was deleted. In the photos' bucket that may
be a photo: until the second of two uploads under one key is thrown away, whose event may wait in a dead-letter queue
for 14 days."""

UNFINISHED_UPLOAD_DAYS = 1
"""How long the parts of an upload are kept that nobody finishes."""


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
