"""Photos: the table with their metadata, the functions for table and bucket, and direct uploads by users."""

from typing import TypedDict

import pulumi
import pulumi_aws as aws

from lambdas.photos.keys import SHARD_TIME

from ..auth_layer import AuthLayer
from ..blocks.addresses import Addresses
from ..blocks.durable_queue import MAX_RECEIVES, VISIBILITY_FACTOR, DurableQueue, consumer_grant
from ..blocks.iam import Grant
from ..blocks.python_function import MEMORY_MB, TIMEOUT_SECONDS, FunctionPlatform, PythonFunction
from ..blocks.table import make_table
from ..functions import FunctionArgs, make_functions
from .photo_bucket import PhotoBucket
from .photo_identities import PhotoIdentities

KEY_PATTERNS = ("uploads/*", "identities/*")
"""Keys of pictures in the bucket: uploads by form, and uploads with the identity pool's credentials. The bucket holds
nothing else."""

DECODING_SECONDS = 20
"""The largest picture takes a few seconds to fetch, decode and store."""

DECODING_MEMORY_MB = 1769
"""One vCPU (Lambda developer guide, "Configure Lambda function memory"), and room for 50 million pixels."""

ARRIVALS_BATCH_SIZE = 1
"""A picture takes long, and a batch would save no time."""

EVENT_BYTES = 16 * 1024
"""More than any S3 event message: a key has up to 1,024 bytes, and each may be encoded as three."""


WRITES = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")
"""A transaction requires the actions of its parts."""


class PhotoStoreArgs(TypedDict):
    """Inputs of `PhotoStore`."""

    platform: FunctionPlatform
    """Code, layers and log retention of the functions."""

    auth: AuthLayer
    """Sign-in of the identity pool's users."""

    addresses: Addresses
    """Provides the addressing style of the bucket."""

    bucket: PhotoBucket
    """The bucket with the pictures."""

    photo_quota_count: int
    """Maximum photos per user."""

    photo_quota_megabytes: int
    """Maximum total size of a user's photos in megabytes (of 1,048,576 bytes)."""

    queue_concurrency: int
    """Maximum uploads checked at once, 2 to 1,000."""

    protect: bool
    """Whether to protect the table from deletion."""


class PhotoStore(pulumi.ComponentResource):
    """Table, identity pool, arrivals queue and functions."""

    table_name: pulumi.Output[str]
    table_arn: pulumi.Output[str]
    identity_pool_id: pulumi.Output[str]
    uploads_queue: DurableQueue
    """The queue with one message for each uploaded object."""
    functions: dict[str, PythonFunction]
    """All functions, by module."""
    queues: dict[str, DurableQueue]
    """All queues with a dead-letter queue, by content: `photos`."""

    def __init__(self, name: str, args: PhotoStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:PhotoStore", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)

        # Keys and index as described in `lambdas.photos.keys`.
        self._table = make_table(
            f"{name}-metadata",
            ("userid", "id"),
            self,
            indexes=[SHARD_TIME],
            ttl="_expireOn",
            protect=args["protect"],
        )
        self._bucket = args["bucket"]
        self.table_name, self.table_arn = self._table.name, self._table.arn
        self.uploads_queue = self._queue()
        self.queues = {"photos": self.uploads_queue}
        self.functions = make_functions(name, args["platform"], self._function_args(), self._child)
        self.uploads_queue.feed(
            self.functions["file_photo"], batch_size=ARRIVALS_BATCH_SIZE, concurrency=args["queue_concurrency"]
        )
        self.identity_pool_id = PhotoIdentities(
            f"{name}-identities",
            {
                "auth": args["auth"],
                "bucket_arn": self._bucket.arn,
                "boundary_arn": args["platform"].get("boundary_arn"),
            },
            self._child,
        ).pool_id
        self.outputs: dict[str, pulumi.Output[str]] = {
            "identityPoolId": self.identity_pool_id,
            "photosBucketName": self._bucket.name,
            "photosTableName": self.table_name,
            "photosQueueUrl": self.uploads_queue.url,
            "photosDlqUrl": self.uploads_queue.dead_letters_url,
            "filePhotoLambda": self.functions["file_photo"].name,
        }
        """Stack outputs."""
        self.register_outputs({"table_name": self.table_name, "identity_pool_id": self.identity_pool_id})

    def _queue(self) -> DurableQueue:
        queue = DurableQueue(
            f"{self._name}-uploads",
            {"visibility_timeout_seconds": VISIBILITY_FACTOR * DECODING_SECONDS, "max_message_bytes": EVENT_BYTES},
            self._child,
        )
        allowed = queue.allow_send_from("s3.amazonaws.com", self._bucket.arn)
        aws.s3.BucketNotification(
            f"{self._name}-uploads",
            bucket=self._bucket.name,
            queues=[
                {"queue_arn": queue.arn, "events": ["s3:ObjectCreated:*"], "filter_prefix": pattern.removesuffix("*")}
                for pattern in KEY_PATTERNS
            ],
            # S3 tests whether it may send.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[allowed]),
        )
        return queue

    def _function_args(self) -> dict[str, FunctionArgs]:
        """The functions, each with its permissions on the table and on the objects in the bucket."""
        table = self._table.arn
        index = pulumi.Output.concat(table, "/index/*")
        uploads, identities = (pulumi.Output.concat(self._bucket.arn, "/", pattern) for pattern in KEY_PATTERNS)

        def function_args(
            description: str, *grants: Grant, decodes: bool = False, synchronous: bool = True
        ) -> FunctionArgs:
            return {
                "description": description,
                "environment": self._environment(),
                "grants": grants,
                "synchronous": synchronous,
                "timeout_seconds": DECODING_SECONDS if decodes else TIMEOUT_SECONDS,
                "memory_mb": DECODING_MEMORY_MB if decodes else MEMORY_MB,
            }

        return {
            "create_photo": function_args(
                "Stores a picture from a form",
                {"actions": WRITES, "resources": [table]},
                {"actions": ["s3:PutObject", "s3:DeleteObjectVersion"], "resources": [uploads]},
                decodes=True,
            ),
            "reserve_photo": function_args(
                "Reserves an ID for an upload",
                {"actions": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], "resources": [table]},
                # An upload by form uses the function's permissions.
                {"actions": ["s3:PutObject"], "resources": [uploads]},
            ),
            "get_photos": function_args(
                "Lists photos",
                {"actions": ["dynamodb:Query"], "resources": [table, index]},
                {"actions": ["s3:GetObjectVersion"], "resources": [uploads, identities]},
            ),
            "get_photo": function_args(
                "Returns one photo",
                {"actions": ["dynamodb:GetItem"], "resources": [table]},
                {"actions": ["s3:GetObjectVersion"], "resources": [uploads, identities]},
            ),
            "delete_photo": function_args(
                "Deletes a photo",
                {"actions": ["dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"], "resources": [table]},
                {"actions": ["s3:DeleteObjectVersion"], "resources": [uploads, identities]},
            ),
            "file_photo": function_args(
                "Checks uploads, and stores or deletes them",
                {"actions": WRITES, "resources": [table]},
                {
                    "actions": ["s3:GetObjectVersion", "s3:DeleteObjectVersion", "s3:PutObject"],
                    "resources": [uploads, identities],
                },
                consumer_grant(self.uploads_queue),
                decodes=True,
                synchronous=False,
            ),
        }

    def _environment(self) -> dict[str, pulumi.Input[str]]:
        args = self._args
        return {
            "PHOTOS_TABLE": self._table.name,
            "PHOTOS_BUCKET": self._bucket.name,
            "PHOTOS_ADDRESSING": args["addresses"].bucket_addressing,
            "PHOTO_QUOTA_COUNT": str(args["photo_quota_count"]),
            "PHOTO_QUOTA_MEGABYTES": str(args["photo_quota_megabytes"]),
            "MAX_RECEIVES": str(MAX_RECEIVES),
        }
