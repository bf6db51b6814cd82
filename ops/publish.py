"""Publishes the web app: uploads changed files to a stack's bucket, removes deleted files, and invalidates both in the
CDN.

The site works wherever publishing stops, and the next publish continues from there. New files come first, because no
published file refers to them; then changed files, each after the files it refers to; then pages; then the manifest,
which moves browsers that cache the site to a complete version; files are removed last. Meanwhile, a module may be newer
than its importers: keep its exports compatible for one version.

Files are not compressed here: CloudFront compresses all types that benefit, with Brotli or gzip as each browser
supports, whereas a precompressed file has the same encoding for all browsers.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from local.errors import UserError
from ops.site_files import STACK_FILES, addresses, content_type, in_order, rank, site_files
from ops.stack import Stack

CACHE_CONTROL = "no-cache"
"""Browsers cache files but revalidate them each time, so the next load gets a new version. The CDN revalidates after a
second, its cache policy's minimum: a publish that stops before the invalidation does no lasting harm."""

PARALLEL = 8
"""Parallel requests; boto3 keeps 10 connections."""

BATCH = 1000
"""Objects per DeleteObjects request, S3's maximum."""

CHECK_SECONDS = 5
CHECKS = 120
"""How long to wait for an invalidation: interval and number of checks. It takes a minute or two, sometimes longer."""


class Changes(NamedTuple):
    """The changes to make to a bucket, in this order, by path."""

    additions: list[str]
    """Uploads, in any order: files that no published file refers to."""
    updates: list[str]
    """Uploads, in this order: changed files, and new pages."""
    removals: list[str]
    """Removals, in this order."""
    outdated: list[str]
    """Changed and removed files that the CDN may have cached."""

    @property
    def uploads(self) -> list[str]:
        """All uploads, in order."""
        return [*self.additions, *self.updates]


def publish(stack: Stack) -> None:
    """Update a stack's site. Raises `UserError`, `OSError`, and boto3's errors."""
    files = site_files()
    carry_out(stack, files, find_changes(stack, files))


def find_changes(stack: Stack, files: Mapping[str, bytes]) -> Changes:
    """Compare a stack's bucket with the site's files. Writes nothing."""
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
    # In the order of all uploads: a changed file may refer to another through a new file.
    updates = [path for path in uploads if path in there or rank(path) > 0]
    removals = sorted(there - files.keys() - STACK_FILES, key=lambda path: (-rank(path), path))
    return Changes(additions, updates, removals, sorted(there & {*updates, *removals}))


def carry_out(
    stack: Stack,
    files: Mapping[str, bytes],
    changes: Changes,
    *,
    wait: bool = False,
    done: Callable[[int], object] = lambda _: None,
) -> None:
    """Upload, remove and invalidate; with `wait`, return when the invalidation is complete. Calls `done` after each
    request with its number of files."""
    s3, bucket = stack.client("s3"), stack.output("webappBucketName")

    def upload(path: str) -> None:
        s3.put_object(
            Bucket=bucket,
            Key=path,
            Body=files[path],
            ContentType=content_type(path),
            CacheControl=CACHE_CONTROL,
            # S3 verifies the upload with it, and the next publish detects changes with it.
            ChecksumAlgorithm="SHA256",
        )
        done(1)

    with ThreadPoolExecutor(PARALLEL) as workers:
        # When an upload fails, those that have not started are cancelled.
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
    """Invalidate addresses in the CDN; with `wait`, return when the invalidation is complete."""
    cloudfront, distribution = stack.client("cloudfront"), stack.output("distributionId")
    items = list(paths)
    reference = secrets.token_hex(16)
    batch: Any = {"Paths": {"Quantity": len(items), "Items": items}, "CallerReference": reference}
    made = cloudfront.create_invalidation(DistributionId=distribution, InvalidationBatch=batch)["Invalidation"]
    if wait:
        waiter = cloudfront.get_waiter("invalidation_completed")
        patience = {"Delay": CHECK_SECONDS, "MaxAttempts": CHECKS}
        waiter.wait(DistributionId=distribution, Id=made["Id"], WaiterConfig=patience)
