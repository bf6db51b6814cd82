"""The photo bucket: private, versioned, and accessible to the site's pages through presigned requests."""

from typing import TypedDict

import pulumi
import pulumi_aws as aws

from ..blocks.bucket import block_public_access, enable_versioning


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
        block_public_access(name, self._bucket, self, tls_only=args["tls_only"])
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
