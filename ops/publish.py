"""Publishing the web app: what differs is uploaded to a stack's bucket, what is gone is removed, and the CDN forgets
what has changed.

The site works whenever that ends, and the next time it goes on from there. New files come first, as nothing that is
published names them; then those that differ, each after the files that it names itself; then pages; then the manifest,
with which browsers that keep the site turn to a version that is there as a whole; and only then is anything removed. In
between, a module may be newer than those that import it: what it exports to them has to stay for one version.

Nothing is compressed here: CloudFront does that for all types that gain by it, with Brotli or gzip as each browser has
it, while a file that is compressed already has one encoding for everybody.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from ops.errors import UserError
from ops.site_files import THE_STACKS, addresses, content_type, in_order, rank, site_files
from ops.stack import Stack

CACHE_CONTROL = "no-cache"
"""Kept, but asked about each time, so that a new version is there on the next load. The CDN itself asks again after a
second, its cache policy's least: publishing that ends before the CDN is told does no lasting harm."""

PARALLEL = 8
"""Requests at once; boto3 keeps 10 connections."""

BATCH = 1000
"""Objects in a DeleteObjects: S3 takes no more."""

CHECK_SECONDS = 5
CHECKS = 120
"""How long to wait for the CDN: it takes a minute or two, and longer on bad days."""


class Changes(NamedTuple):
    """What has to be done to a bucket, one after the other, by paths."""

    additions: list[str]
    """Uploads, in any order: files that nothing published names."""
    updates: list[str]
    """Uploads, in this order: files that differ, and new pages."""
    removals: list[str]
    """In this order."""
    outdated: list[str]
    """Those that the CDN may have."""

    @property
    def uploads(self) -> list[str]:
        """Everything that is uploaded."""
        return [*self.additions, *self.updates]


def publish(stack: Stack) -> None:
    """Bring a stack's site up to date. Raises `UserError`, `OSError`, and what boto3 raises."""
    files = site_files()
    carry_out(stack, files, find_changes(stack, files))


def find_changes(stack: Stack, files: Mapping[str, bytes]) -> Changes:
    """Compare a stack's bucket with what should be in it. Writes nothing."""
    s3, bucket = stack.client("s3"), stack.output("webappBucketName")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    there = {entry["Key"] for page in pages for entry in page.get("Contents", [])}

    def is_same(path: str) -> bool:
        head = s3.head_object(Bucket=bucket, Key=path, ChecksumMode="ENABLED")
        published = (head.get("ChecksumSHA256"), head["ContentType"], head.get("CacheControl"))
        digest = base64.b64encode(hashlib.sha256(files[path]).digest()).decode()
        return published == (digest, content_type(path), CACHE_CONTROL)

    both = sorted(files.keys() & there)
    with ThreadPoolExecutor(PARALLEL) as workers:
        same = {path for path, is_it in zip(both, workers.map(is_same, both), strict=True) if is_it}
    uploads = in_order({path: files[path] for path in files.keys() - same})
    additions = [path for path in uploads if path not in there and rank(path) == 0]
    # In the order of all uploads: what differs may name another that does by way of a new file.
    updates = [path for path in uploads if path in there or rank(path) > 0]
    removals = sorted(there - files.keys() - THE_STACKS, key=lambda path: (-rank(path), path))
    return Changes(additions, updates, removals, sorted(there & {*updates, *removals}))


def carry_out(
    stack: Stack,
    files: Mapping[str, bytes],
    changes: Changes,
    *,
    wait: bool = False,
    done: Callable[[int], object] = lambda _: None,
) -> None:
    """Upload, remove and invalidate; with `wait`, return when the CDN has forgotten. `done` is told after each request
    how many files it had."""
    s3, bucket = stack.client("s3"), stack.output("webappBucketName")

    def upload(path: str) -> None:
        s3.put_object(
            Bucket=bucket,
            Key=path,
            Body=files[path],
            ContentType=content_type(path),
            CacheControl=CACHE_CONTROL,
            # By which S3 sees whether it arrives whole, and we, the next time, whether it differs.
            ChecksumAlgorithm="SHA256",
        )
        done(1)

    with ThreadPoolExecutor(PARALLEL) as workers:
        # When one fails, those that have not begun are given up.
        for _ in workers.map(upload, changes.additions):
            pass
    for path in changes.updates:
        upload(path)
    for first in range(0, len(changes.removals), BATCH):
        batch = changes.removals[first : first + BATCH]
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": path} for path in batch], "Quiet": True})
        for error in answer.get("Errors", []):
            raise UserError(f"{error['Key']} could not be removed: {error.get('Message') or error['Code']}")
        done(len(batch))
    if changes.outdated:
        invalidate(stack, addresses(changes.outdated), wait=wait)


def invalidate(stack: Stack, paths: Iterable[str], *, wait: bool) -> None:
    """Let the CDN forget what it has at some addresses; with `wait`, return when it has."""
    cloudfront, distribution = stack.client("cloudfront"), stack.output("distributionId")
    items = list(paths)
    reference = secrets.token_hex(16)
    batch: Any = {"Paths": {"Quantity": len(items), "Items": items}, "CallerReference": reference}
    made = cloudfront.create_invalidation(DistributionId=distribution, InvalidationBatch=batch)["Invalidation"]
    if wait:
        waiter = cloudfront.get_waiter("invalidation_completed")
        patience = {"Delay": CHECK_SECONDS, "MaxAttempts": CHECKS}
        waiter.wait(DistributionId=distribution, Id=made["Id"], WaiterConfig=patience)
