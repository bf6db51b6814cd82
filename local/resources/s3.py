"""S3 buckets and objects."""

from collections.abc import Set
from typing import Any

from ..emulator_client import Aws
from .provider import Created, Existing, Inputs, Provider, provides


@provides("aws:s3/bucket:Bucket")
class Bucket(Provider):
    """A bucket in the stack's region."""

    name = "bucket"
    replace_on = frozenset({"bucket", "objectLockEnabled"})
    holds_data = True

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        name = inputs["bucket"]
        inputs.get("forceDestroy")  # concerns only deletion
        location = (
            {} if aws.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": aws.region}}
        )
        lock = {"ObjectLockEnabledForBucket": True} if inputs.get("objectLockEnabled") else {}
        aws.client("s3").create_bucket(Bucket=name, **location, **lock)
        return Created(
            name,
            {
                "arn": f"arn:aws:s3:::{name}",
                "bucketDomainName": f"{name}.s3.amazonaws.com",
                "bucketRegionalDomainName": f"{name}.s3.{aws.region}.amazonaws.com",
            },
        )

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        inputs.get("forceDestroy")
        return {}

    def has_data(self, aws: Aws, existing: Existing) -> bool:
        found = aws.client("s3").list_object_versions(Bucket=existing.id, MaxKeys=1)
        return bool(found.get("Versions"))

    def delete(self, aws: Aws, existing: Existing) -> None:
        if existing.inputs.get("forceDestroy"):
            _delete_versions(aws, existing.id)
        aws.client("s3").delete_bucket(Bucket=existing.id)


@provides("aws:s3/bucketObject:BucketObject")
@provides("aws:s3/bucketObjectv2:BucketObjectv2")
class BucketObject(Provider):
    """An object."""

    replace_on = frozenset({"bucket", "key"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        key, source = inputs["key"], inputs.get("source")
        answer = aws.client("s3").put_object(
            Bucket=inputs["bucket"],
            Key=key,
            Body=source.read() if source else str(inputs["content"]).encode(),
            **inputs.only(contentType="ContentType", cacheControl="CacheControl"),
        )
        outputs = {"etag": answer["ETag"].strip('"'), "arn": f"arn:aws:s3:::{inputs['bucket']}/{key}"}
        return Created(key, outputs)

    def delete(self, aws: Aws, existing: Existing) -> None:
        _delete_versions(aws, existing.inputs["bucket"], existing.id)

    def outputs_changed_by(self, inputs: Set[str]) -> Set[str]:
        return {"etag"}


def _delete_versions(aws: Aws, bucket: str, key: str | None = None) -> None:
    """Delete all versions of an object, or of all objects."""
    client = aws.client("s3")
    pages = client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key or "")
    versions = [it for page in pages for kind in ("Versions", "DeleteMarkers") for it in page.get(kind, [])]
    for version in versions:
        if key in (None, version["Key"]):
            client.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
