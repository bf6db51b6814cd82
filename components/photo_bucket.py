"""The bucket of the photos: private, versioned, and open to the site's pages by addresses that are signed."""

from typing import TypedDict

import pulumi
import pulumi_aws as aws

from components.closed_bucket import close_bucket

OLD_VERSION_DAYS = 30
"""How long a version is kept that another has taken the place of. That may be a photo: until the second of two uploads
under one key is thrown away, whose event may wait in a dead-letter queue for 14 days."""

UNFINISHED_UPLOAD_DAYS = 1
"""How long the parts of an upload are kept that nobody finishes: as long as its reservation."""


class PhotoBucketArgs(TypedDict):
    """Inputs of `PhotoBucket`."""

    tls_only: bool
    """Whether it refuses plain http: always on AWS."""

    protect: bool
    """Whether it is kept from being deleted."""


class PhotoBucket(pulumi.ComponentResource):
    """The bucket, with everything that hangs on it. It is there before the site, whose pages are told of it, and which
    it is told of in turn by `let_pages_use`."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(self, name: str, args: PhotoBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:PhotoBucket", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)

        self._bucket = aws.s3.Bucket(name, opts=pulumi.ResourceOptions(parent=self, protect=args["protect"]))
        self.name, self.arn = self._bucket.bucket, self._bucket.arn
        close_bucket(name, self._bucket, self, tls_only=args["tls_only"])
        self._keep_versions()
        self.register_outputs({"name": self.name, "arn": self.arn})

    def let_pages_use(self, site_url: pulumi.Input[str]) -> None:
        """Let the pages of the site at this address upload and read, with what is signed."""
        aws.s3.BucketCorsConfiguration(
            f"{self._name}-cors",
            bucket=self.name,
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
            opts=self._child,
        )

    def _keep_versions(self) -> None:
        """Versions, and an end to those that nobody needs any more."""
        versioning = aws.s3.BucketVersioning(
            f"{self._name}-versioning",
            bucket=self.name,
            versioning_configuration={"status": "Enabled"},
            opts=self._child,
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{self._name}-lifecycle",
            bucket=self.name,
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
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning]),
        )
