"""Photos: the table of what is in their bucket, the functions over both, and who else may put something there."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.addresses import Addresses
from components.auth_layer import AuthLayer
from components.durable_queue import DurableQueue, consume
from components.iam import Grant
from components.photo_bucket import PhotoBucket
from components.photo_identities import PhotoIdentities
from components.python_function import FunctionPlatform, PythonFunction, PythonFunctionArgs
from lambdas.orders.keys import SHARD_TIME

PLACES = ("uploads/*", "identities/*")
"""Where in the bucket pictures are: those that come by form, and those that come with the identity pool's credentials.
Nothing else is there."""

FILING_SECONDS = 20
"""The largest picture takes a few seconds: to fetch, to decode, to store."""

FILING_MEMORY_MB = 1769
"""A whole processor (Lambda developer guide, "Configure Lambda function memory"), and room for 50 million pixels."""

ARRIVALS_BATCH_SIZE = 1
"""Pictures take their time, and share none of it."""

EVENT_BYTES = 16 * 1024
"""More than any of S3's messages: a key has up to 1,024 bytes, and each may be written as three."""


class Function(TypedDict):
    """A function of the component: what it is for, what it does to the table and to the objects in the bucket."""

    description: str
    table: Sequence[str]
    objects: Sequence[str]
    places: NotRequired[Sequence[str]]
    """Below which keys it does that. Default: `PLACES`."""
    looks: NotRequired[bool]
    """Whether it decodes pictures. Default: no."""
    arrivals: NotRequired[bool]
    """Whether the queue of arrivals feeds it. Default: no."""


WRITES = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")

FUNCTIONS: Mapping[str, Function] = {
    "create_photo": {
        "description": "Keeps the picture in a form",
        "table": WRITES,
        "objects": ["s3:PutObject", "s3:DeleteObjectVersion"],
        "places": ["uploads/*"],
        "looks": True,
    },
    "reserve_photo": {
        "description": "Reserves an id for an upload",
        "table": ["dynamodb:GetItem", "dynamodb:PutItem"],
        # Whoever uploads by the form does so in the function's name.
        "objects": ["s3:PutObject"],
        "places": ["uploads/*"],
    },
    "get_photos": {"description": "Lists photos", "table": ["dynamodb:Query"], "objects": ["s3:GetObjectVersion"]},
    "get_photo": {
        "description": "Answers one photo",
        "table": ["dynamodb:GetItem"],
        "objects": ["s3:GetObjectVersion"],
    },
    "delete_photo": {
        "description": "Removes a photo",
        "table": ["dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
        "objects": ["s3:DeleteObjectVersion"],
    },
    "file_photo": {
        "description": "Looks at what has been uploaded, and files it or throws it away",
        "table": WRITES,
        "objects": ["s3:GetObjectVersion", "s3:DeleteObjectVersion"],
        "looks": True,
        "arrivals": True,
    },
}
"""By module. A transaction takes the actions of its parts."""


class PhotoStoreArgs(TypedDict):
    """Inputs of `PhotoStore`."""

    platform: FunctionPlatform
    """Code, layers and log retention of the functions."""

    auth: AuthLayer
    """Sign-in: whose users the identity pool knows, and the boundary of every role."""

    addresses: Addresses
    """How the bucket is reached."""

    bucket: PhotoBucket
    """Where the pictures are."""

    quota_count: int
    """How many photos a user may keep."""

    quota_megabytes: int
    """How many megabytes (of 1,048,576 bytes) a user's photos may have in all."""

    queue_concurrency: int
    """How many arrivals are looked at at once, 2 to 1,000."""

    protect: bool
    """Whether the table is kept from being deleted."""


class PhotoStore(pulumi.ComponentResource):
    """Table, identity pool, the queue of arrivals, and the functions."""

    table_name: pulumi.Output[str]
    table_arn: pulumi.Output[str]
    identity_pool_id: pulumi.Output[str]
    arrivals_queue: DurableQueue
    """One message for each object that has arrived."""
    functions: dict[str, PythonFunction]
    """All functions, by module."""
    queues: dict[str, DurableQueue]
    """All queues that have a dead-letter queue, by what is in them: `photos`."""

    def __init__(self, name: str, args: PhotoStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:PhotoStore", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)

        self._table = self._metadata_table()
        self._bucket = args["bucket"]
        self.table_name, self.table_arn = self._table.name, self._table.arn
        self.arrivals_queue = self._queue()
        self.queues = {"photos": self.arrivals_queue}
        self.functions = {module: self._function(module) for module in FUNCTIONS}
        self.arrivals_queue.feed(
            self.functions["file_photo"], batch_size=ARRIVALS_BATCH_SIZE, concurrency=args["queue_concurrency"]
        )
        self.identity_pool_id = PhotoIdentities(
            f"{name}-identities", {"auth": args["auth"], "bucket_arn": self._bucket.arn}, self._child
        ).pool_id
        self.register_outputs({"table_name": self.table_name, "identity_pool_id": self.identity_pool_id})

    def _metadata_table(self) -> aws.dynamodb.Table:
        """The table with the keys and the index that `lambdas.photos.keys` describes."""
        return aws.dynamodb.Table(
            f"{self._name}-metadata",
            billing_mode="PAY_PER_REQUEST",
            hash_key="userid",
            range_key="id",
            attributes=[{"name": name, "type": "S"} for name in ("userid", "id", SHARD_TIME.partition_key)],
            global_secondary_indexes=[
                {
                    "name": SHARD_TIME.name,
                    "hash_key": SHARD_TIME.partition_key,
                    "range_key": "id",
                    "projection_type": "ALL",
                }
            ],
            ttl={"attribute_name": "_expireOn", "enabled": True},
            point_in_time_recovery={"enabled": True},
            deletion_protection_enabled=self._args["protect"],
            opts=pulumi.ResourceOptions(parent=self, protect=self._args["protect"]),
        )

    def _queue(self) -> DurableQueue:
        queue = DurableQueue(
            f"{self._name}-arrivals",
            {"visibility_timeout_seconds": 6 * FILING_SECONDS, "max_message_bytes": EVENT_BYTES},
            self._child,
        )
        allowed = queue.take_from("s3.amazonaws.com", self._bucket.arn)
        aws.s3.BucketNotification(
            f"{self._name}-arrivals",
            bucket=self._bucket.name,
            queues=[
                {"queue_arn": queue.arn, "events": ["s3:ObjectCreated:*"], "filter_prefix": place.removesuffix("*")}
                for place in PLACES
            ],
            # S3 tries whether it may send.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[allowed]),
        )
        return queue

    def _function(self, module: str) -> PythonFunction:
        it = FUNCTIONS[module]
        function: PythonFunctionArgs = {
            "platform": self._args["platform"],
            "boundary_arn": self._args["auth"].boundary_arn,
            "module": f"lambdas.{module}",
            "description": it["description"],
            "environment": self._environment(),
            "grants": self._grants(it),
        }
        if it.get("looks"):
            function |= {"timeout_seconds": FILING_SECONDS, "memory_mb": FILING_MEMORY_MB}
        return PythonFunction(f"{self._name}-{module.replace('_', '-')}", function, self._child)

    def _grants(self, function: Function) -> list[Grant]:
        """Named actions on the table, on the places in the bucket, and on the queue where it is fed from there."""
        places = [pulumi.Output.concat(self._bucket.arn, "/", place) for place in function.get("places", PLACES)]
        grants: list[Grant] = [
            {"actions": function["table"], "resources": self._tables(function["table"])},
            {"actions": function["objects"], "resources": places},
        ]
        return [*grants, consume(self.arrivals_queue)] if function.get("arrivals") else grants

    def _tables(self, actions: Sequence[str]) -> list[pulumi.Input[str]]:
        """What is written is in the table; a query reads an index as well, which has an ARN of its own."""
        index = [pulumi.Output.concat(self._table.arn, "/index/*")] if "dynamodb:Query" in actions else []
        return [self._table.arn, *index]

    def _environment(self) -> dict[str, pulumi.Input[str]]:
        args = self._args
        return {
            "PHOTOS_TABLE": self._table.name,
            "PHOTOS_BUCKET": self._bucket.name,
            "PHOTOS_ADDRESSING": args["addresses"].bucket_addressing,
            "PHOTO_QUOTA_COUNT": str(args["quota_count"]),
            "PHOTO_QUOTA_MEGABYTES": str(args["quota_megabytes"]),
        }
