"""The copy of the ledger: a bucket that only one function writes to, from the ledger table's stream."""

from typing import TypedDict

import pulumi
import pulumi_aws as aws

from ..blocks import table_stream
from ..blocks.bucket import block_public_access, enable_versioning
from ..blocks.durable_queue import dead_letter_queue
from ..blocks.python_function import FunctionPlatform, PythonFunction
from ..functions import make_functions

LOCK_YEARS = 10
"""How long nobody can delete or replace a copy, on a protected stack: as long as accounts are usually kept."""

ANY_CHANGE = '{"eventName": ["INSERT", "MODIFY", "REMOVE"]}'


class LedgerAnchorArgs(TypedDict):
    """Inputs of `LedgerAnchor`."""

    platform: FunctionPlatform
    """Code, layers and log retention of the function."""

    stream_arn: pulumi.Input[str]
    """ARN of the ledger table's stream."""

    tls_only: bool
    """Whether the bucket denies plain HTTP: always on AWS."""

    protect: bool
    """Whether to lock the copies and protect the bucket from deletion."""


class LedgerAnchor(pulumi.ComponentResource):
    """The bucket, the function, and the queue of records that failed."""

    bucket_name: pulumi.Output[str]
    function: PythonFunction
    failures_url: pulumi.Output[str]
    failures_name: pulumi.Output[str]

    def __init__(self, name: str, args: LedgerAnchorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:LedgerAnchor", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        protect = args["protect"]
        bucket = aws.s3.Bucket(
            name,
            # Also without protection: it cannot be enabled later without a new bucket.
            object_lock_enabled=True,
            force_destroy=not protect,
            opts=pulumi.ResourceOptions(parent=self, protect=protect),
        )
        block_public_access(name, bucket, self, tls_only=args["tls_only"])
        enable_versioning(name, bucket.bucket, self)
        if protect:
            aws.s3.BucketObjectLockConfiguration(
                f"{name}-lock",
                bucket=bucket.bucket,
                rule={"default_retention": {"mode": "GOVERNANCE", "years": LOCK_YEARS}},
                opts=child,
            )
        failures = dead_letter_queue(f"{name}-failures", child)
        functions = make_functions(
            name,
            args["platform"],
            {
                "anchor_ledger": {
                    "description": "Copies each ledger entry to a bucket of its own",
                    "environment": {"LEDGER_ANCHOR_BUCKET": bucket.bucket},
                    "grants": [
                        *table_stream.read(args["stream_arn"]),
                        {"actions": ["s3:PutObject"], "resources": [pulumi.Output.concat(bucket.arn, "/*")]},
                        {"actions": ["sqs:SendMessage"], "resources": [failures.arn]},
                    ],
                }
            },
            child,
        )
        self.function = functions["anchor_ledger"]
        table_stream.feed(
            f"{name}-source",
            self.function,
            stream_arn=args["stream_arn"],
            patterns=[ANY_CHANGE],
            failures_arn=failures.arn,
            opts=child,
        )
        self.bucket_name = bucket.bucket
        self.failures_url, self.failures_name = failures.url, failures.name
        self.register_outputs({"bucket_name": self.bucket_name})
