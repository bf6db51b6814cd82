"""The photo bucket: private, versioned, and accessible to the site's pages through presigned requests."""

from typing import TypedDict

import pulumi
import pulumi_aws as aws

from ..blocks.bucket import block_public_access, enable_versioning
from ..blocks.iam import Statement

UNUSUAL_UPLOADS: dict[str, str | None] = {
    # Other classes cost more, for at least a month, or cannot be read at once.
    "s3:x-amz-storage-class": "STANDARD",
    "s3:x-amz-server-side-encryption": "AES256",
    # Nobody could read the picture without the uploader's key.
    "s3:x-amz-server-side-encryption-customer-algorithm": None,
    "s3:x-amz-website-redirect-location": None,
}
"""Headers of an upload that may have one value only, or (`None`) none at all, as condition keys (service authorization
reference, Amazon S3). S3 has no such keys for the size and for headers like `Content-Disposition`: the function that
files a photo checks the size, and signed URLs set the headers."""


class PhotoBucketArgs(TypedDict):
    """Inputs of `PhotoBucket`."""

    tls_only: bool
    """Whether the bucket denies plain HTTP: always on AWS."""

    protect: bool
    """Whether to protect the bucket from deletion."""


class PhotoBucket(pulumi.ComponentResource):
    """The bucket, private and versioned.

    It is created before the site, which refers to it; `allow_cors_from` then allows the site.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(self, name: str, args: PhotoBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:PhotoBucket", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)

        self._bucket = aws.s3.Bucket(
            name,
            # A stack without protection can be destroyed with its photos.
            force_destroy=not args["protect"],
            opts=pulumi.ResourceOptions(parent=self, protect=args["protect"]),
        )
        self.name, self.arn = self._bucket.bucket, self._bucket.arn
        denied = [_deny_upload(self.arn, key, value) for key, value in UNUSUAL_UPLOADS.items()]
        block_public_access(name, self._bucket, self, tls_only=args["tls_only"], statements=denied)
        enable_versioning(name, self.name, self)
        self.register_outputs({"name": self.name, "arn": self.arn})

    def allow_cors_from(self, site_url: pulumi.Input[str]) -> None:
        """Allow the pages of a site to upload and read with signed requests."""
        aws.s3.BucketCorsConfiguration(
            f"{self._name}-cors",
            bucket=self.name,
            cors_rules=[
                {
                    "allowed_methods": ["GET", "HEAD", "POST", "PUT"],
                    # An origin has no path.
                    "allowed_origins": [pulumi.Output.from_input(site_url).apply(lambda url: url.rstrip("/"))],
                    "allowed_headers": ["*"],
                    # A multipart upload needs these to complete.
                    "expose_headers": ["ETag"],
                    "max_age_seconds": 3600,
                }
            ],
            opts=self._child,
        )


def _deny_upload(bucket_arn: pulumi.Input[str], key: str, value: str | None) -> Statement:
    """The statement that denies uploads with a header, or with another value of it."""
    condition: dict[str, object] = {"Null": {key: "false"}}
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": pulumi.Output.concat(bucket_arn, "/*"),
        "Condition": condition if value is None else {**condition, "StringNotEquals": {key: value}},
    }
