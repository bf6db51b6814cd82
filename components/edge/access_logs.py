"""Access logs: a bucket with one line per request to the distribution and to the other buckets."""

from collections.abc import Mapping
from typing import TypedDict

import pulumi
import pulumi_aws as aws

from ..blocks.account import Account
from ..blocks.bucket import UNFINISHED_UPLOAD_DAYS, block_public_access
from ..blocks.iam import Statement

DELIVERY_REGION = "us-east-1"
"""Region in which CloudFront's logs are configured, wherever they go (CloudFront developer guide, "Configure standard
logging (v2)")."""

FIELDS = (
    *("date", "time", "x-edge-location", "x-edge-request-id", "c-ip", "c-country", "cs(User-Agent)", "ssl-protocol"),
    *("cs-protocol-version", "cs-method", "cs(Host)", "cache-behavior-path-pattern", "cs-bytes", "sc-status"),
    *("sc-content-type", "sc-bytes", "time-taken", "x-edge-result-type", "x-edge-detailed-result-type"),
)
"""Logged fields of a request (the same guide lists all). Path, query and referrer are left out: they may contain
customer names and the secret of a payer's link. The pattern distinguishes the API from files; the API's own access log
has the API's resource."""


class AccessLogsArgs(TypedDict):
    """Inputs of `AccessLogs`."""

    distribution_arn: pulumi.Input[str]
    """ARN of the distribution to log."""

    buckets: Mapping[str, pulumi.Input[str]]
    """Names of the buckets to log, by key: lines go to `buckets/<key>/`. S3 requires the same region for all."""

    log_retention_days: int
    """Days to keep a line."""

    protect: bool
    """Whether to protect the bucket from deletion. If not, it is deleted with its content."""


class AccessLogs(pulumi.ComponentResource):
    """The log bucket and its log sources."""

    bucket_name: pulumi.Output[str]

    def __init__(self, name: str, args: AccessLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:AccessLogs", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)

        self._bucket = aws.s3.Bucket(
            name,
            force_destroy=not args["protect"],
            opts=pulumi.ResourceOptions(parent=self, protect=args["protect"]),
        )
        self.bucket_name = self._bucket.bucket
        self._expire_after(args["log_retention_days"])
        policy = block_public_access(name, self._bucket, self, tls_only=True, statements=self._writers(args["buckets"]))
        # AWS tests the bucket when a log is set up.
        allowed = pulumi.ResourceOptions(parent=self, depends_on=[policy] if policy else [])
        self._log_distribution(args["distribution_arn"], allowed)
        for label, bucket in args["buckets"].items():
            aws.s3.BucketLogging(
                f"{name}-{label}",
                bucket=bucket,
                target_bucket=self.bucket_name,
                target_prefix=f"buckets/{label}/",
                opts=allowed,
            )
        self.register_outputs({"bucket_name": self.bucket_name})

    def _expire_after(self, days: int) -> None:
        aws.s3.BucketLifecycleConfiguration(
            f"{self._name}-lifecycle",
            bucket=self.bucket_name,
            rules=[
                {
                    "id": "old-lines",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"days": days},
                    "abort_incomplete_multipart_upload": {"days_after_initiation": UNFINISHED_UPLOAD_DAYS},
                }
            ],
            opts=self._child,
        )

    def _writers(self, buckets: Mapping[str, pulumi.Input[str]]) -> list[Statement]:
        """Statements for S3, on behalf of these buckets, and for the delivery of CloudFront's logs. The
        second grants what the CloudWatch Logs user guide requires ("Logs sent to Amazon S3")."""
        account = Account(self)
        logged = [account.bucket_arn(name) for name in buckets.values()]
        return [
            {
                "Sid": "BucketsLog",
                "Effect": "Allow",
                "Principal": {"Service": "logging.s3.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": pulumi.Output.concat(self._bucket.arn, "/buckets/*"),
                "Condition": {
                    "ArnLike": {"aws:SourceArn": logged},
                    "StringEquals": {"aws:SourceAccount": account.id},
                },
            },
            {
                "Sid": "TheDistributionLogs",
                "Effect": "Allow",
                "Principal": {"Service": "delivery.logs.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": pulumi.Output.concat(self._bucket.arn, "/AWSLogs/", account.id, "/*"),
                "Condition": {
                    "ArnLike": {
                        "aws:SourceArn": pulumi.Output.format(
                            "arn:{0}:logs:{1}:{2}:delivery-source:*", account.partition, DELIVERY_REGION, account.id
                        )
                    },
                    "StringEquals": {"aws:SourceAccount": account.id, "s3:x-amz-acl": "bucket-owner-full-control"},
                },
            },
        ]

    def _log_distribution(self, distribution_arn: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
        source = aws.cloudwatch.LogDeliverySource(
            f"{self._name}-cdn",
            log_type="ACCESS_LOGS",
            resource_arn=distribution_arn,
            region=DELIVERY_REGION,
            opts=self._child,
        )
        destination = aws.cloudwatch.LogDeliveryDestination(
            f"{self._name}-cdn",
            output_format="json",
            delivery_destination_configuration={"destination_resource_arn": self._bucket.arn},
            region=DELIVERY_REGION,
            opts=opts,
        )
        aws.cloudwatch.LogDelivery(
            f"{self._name}-cdn",
            delivery_source_name=source.name,
            delivery_destination_arn=destination.arn,
            record_fields=FIELDS,
            region=DELIVERY_REGION,
            # The provider cannot change the fields of a delivery (terraform-provider-aws issue 46108), and a source has
            # one delivery to a destination.
            opts=pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(replace_on_changes=["recordFields"], delete_before_replace=True)
            ),
        )
