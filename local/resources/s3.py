"""S3 buckets, their settings, and objects."""

from typing import Any

import pulumi

from ops.emulator_client import Aws

from .registry import Created, Planned, creates, pascal


@creates("aws:s3/bucket:Bucket")
def bucket(aws: Aws, planned: Planned) -> Created:
    """Create a bucket in the stack's region."""
    name = planned.physical_name("bucket")
    planned.inputs.get("forceDestroy")  # concerns only deletion; here everything ends with the emulator
    location = {} if aws.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": aws.region}}
    aws.client("s3").create_bucket(Bucket=name, **location)
    return Created(
        name,
        {
            "bucket": name,
            "arn": f"arn:aws:s3:::{name}",
            "bucketDomainName": f"{name}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{name}.s3.{aws.region}.amazonaws.com",
        },
    )


@creates("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
def public_access_block(aws: Aws, planned: Planned) -> Created:
    """Set a bucket's public access block."""
    inputs = planned.inputs
    settings = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    aws.client("s3").put_public_access_block(
        Bucket=inputs["bucket"],
        PublicAccessBlockConfiguration=pascal({key: inputs.get(key, False) for key in settings}),
    )
    return Created(inputs["bucket"], {})


@creates("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")
def encryption(aws: Aws, planned: Planned) -> Created:
    """Set a bucket's default encryption."""
    rules = []
    for rule in planned.inputs["rules"]:
        default = rule["applyServerSideEncryptionByDefault"]
        algorithm = {"SSEAlgorithm": default["sseAlgorithm"]}
        if default.get("kmsMasterKeyId"):
            algorithm["KMSMasterKeyID"] = default["kmsMasterKeyId"]
        rules.append(
            {"ApplyServerSideEncryptionByDefault": algorithm, "BucketKeyEnabled": rule.get("bucketKeyEnabled", False)}
        )
    aws.client("s3").put_bucket_encryption(
        Bucket=planned.inputs["bucket"], ServerSideEncryptionConfiguration={"Rules": rules}
    )
    return Created(planned.inputs["bucket"], {})


@creates("aws:s3/bucketCorsConfiguration:BucketCorsConfiguration")
def cors(aws: Aws, planned: Planned) -> Created:
    """Set a bucket's CORS rules."""
    aws.client("s3").put_bucket_cors(
        Bucket=planned.inputs["bucket"], CORSConfiguration={"CORSRules": pascal(planned.inputs["corsRules"])}
    )
    return Created(planned.inputs["bucket"], {})


@creates("aws:s3/bucketVersioning:BucketVersioning")
def versioning(aws: Aws, planned: Planned) -> Created:
    """Set a bucket's versioning."""
    aws.client("s3").put_bucket_versioning(
        Bucket=planned.inputs["bucket"], VersioningConfiguration=pascal(planned.inputs["versioningConfiguration"])
    )
    return Created(planned.inputs["bucket"], {})


@creates("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
def lifecycle(aws: Aws, planned: Planned) -> Created:
    """Set a bucket's lifecycle rules."""
    rules = pascal(planned.inputs["rules"])
    for rule in rules:
        rule["ID"] = rule.pop("Id")
    aws.client("s3").put_bucket_lifecycle_configuration(
        Bucket=planned.inputs["bucket"], LifecycleConfiguration={"Rules": rules}
    )
    return Created(planned.inputs["bucket"], {})


@creates("aws:s3/bucketNotification:BucketNotification")
def notification(aws: Aws, planned: Planned) -> Created:
    """Send a bucket's event notifications to queues."""
    aws.client("s3").put_bucket_notification_configuration(
        Bucket=planned.inputs["bucket"],
        NotificationConfiguration={
            "QueueConfigurations": [_queue_configuration(queue) for queue in planned.inputs["queues"]]
        },
    )
    return Created(planned.inputs["bucket"], {})


def _queue_configuration(queue: dict[str, Any]) -> dict[str, Any]:
    configuration: dict[str, Any] = {"QueueArn": queue["queueArn"], "Events": queue["events"]}
    if queue.get("filterPrefix"):
        configuration["Filter"] = {"Key": {"FilterRules": [{"Name": "prefix", "Value": queue["filterPrefix"]}]}}
    return configuration


@creates("aws:s3/bucketPolicy:BucketPolicy")
def policy(aws: Aws, planned: Planned) -> Created:
    """Set the access policy of a bucket."""
    aws.client("s3").put_bucket_policy(Bucket=planned.inputs["bucket"], Policy=planned.inputs["policy"])
    return Created(planned.inputs["bucket"], {})


@creates("aws:s3/bucketObjectv2:BucketObjectv2")
def bucket_object(aws: Aws, planned: Planned) -> Created:
    """Upload an object."""
    inputs = planned.inputs
    key = inputs.get("key") or planned.name
    headers = inputs.only(contentType="ContentType", cacheControl="CacheControl")
    answer = aws.client("s3").put_object(Bucket=inputs["bucket"], Key=key, Body=_content(planned), **headers)
    return Created(key, {"key": key, "etag": answer["ETag"].strip('"')})


def _content(planned: Planned) -> bytes:
    source: Any = planned.inputs.get("source")
    if isinstance(source, pulumi.FileAsset):
        with open(source.path, "rb") as file:
            return file.read()
    if isinstance(source, pulumi.StringAsset):
        return source.text.encode()
    return str(planned.inputs["content"]).encode()
