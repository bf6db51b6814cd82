"""Settings of S3 buckets: each is a resource of its own in Pulumi."""

from abc import abstractmethod
from typing import Any

from ..emulator_client import Aws
from .provider import Created, Existing, Inputs, Provider, pascal, provides


class BucketSetting(Provider):
    """A setting that one call overwrites and another removes."""

    replace_on = frozenset({"bucket"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        self.put(aws.client("s3"), inputs["bucket"], inputs)
        return Created(inputs["bucket"], {})

    def delete(self, aws: Aws, existing: Existing) -> None:
        self.remove(aws.client("s3"), existing.id)

    @abstractmethod
    def put(self, s3: Any, bucket: str, inputs: Inputs) -> None:
        """Set the setting."""

    @abstractmethod
    def remove(self, s3: Any, bucket: str) -> None:
        """Return to S3's default."""


@provides("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
class PublicAccessBlock(BucketSetting):
    """The public access block."""

    def put(self, s3: Any, bucket: str, inputs: Inputs) -> None:
        settings = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
        block = pascal({key: inputs.get(key, False) for key in settings})
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)

    def remove(self, s3: Any, bucket: str) -> None:
        s3.delete_public_access_block(Bucket=bucket)


@provides("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")
class Encryption(BucketSetting):
    """The default encryption."""

    def put(self, s3: Any, bucket: str, inputs: Inputs) -> None:
        rules = []
        for rule in inputs["rules"]:
            default = rule["applyServerSideEncryptionByDefault"]
            algorithm = {"SSEAlgorithm": default["sseAlgorithm"]}
            if default.get("kmsMasterKeyId"):
                algorithm["KMSMasterKeyID"] = default["kmsMasterKeyId"]
            keys = rule.get("bucketKeyEnabled", False)
            rules.append({"ApplyServerSideEncryptionByDefault": algorithm, "BucketKeyEnabled": keys})
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})

    def remove(self, s3: Any, bucket: str) -> None:
        s3.delete_bucket_encryption(Bucket=bucket)


@provides("aws:s3/bucketCorsConfiguration:BucketCorsConfiguration")
class Cors(BucketSetting):
    """The CORS rules."""

    def put(self, s3: Any, bucket: str, inputs: Inputs) -> None:
        s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": pascal(inputs["corsRules"])})

    def remove(self, s3: Any, bucket: str) -> None:
        s3.delete_bucket_cors(Bucket=bucket)


@provides("aws:s3/bucketVersioning:BucketVersioning")
class Versioning(BucketSetting):
    """Versioning. Once enabled, it can only be suspended."""

    def put(self, s3: Any, bucket: str, inputs: Inputs) -> None:
        configuration = pascal(inputs["versioningConfiguration"])
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=configuration)

    def remove(self, s3: Any, bucket: str) -> None:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


@provides("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
class Lifecycle(BucketSetting):
    """The lifecycle rules."""

    def put(self, s3: Any, bucket: str, inputs: Inputs) -> None:
        rules = pascal(inputs["rules"])
        for rule in rules:
            rule["ID"] = rule.pop("Id")
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})

    def remove(self, s3: Any, bucket: str) -> None:
        s3.delete_bucket_lifecycle(Bucket=bucket)


@provides("aws:s3/bucketNotification:BucketNotification")
class Notification(BucketSetting):
    """Event notifications to queues."""

    def put(self, s3: Any, bucket: str, inputs: Inputs) -> None:
        queues = [_queue_configuration(queue) for queue in inputs["queues"]]
        configuration = {"QueueConfigurations": queues}
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)

    def remove(self, s3: Any, bucket: str) -> None:
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})


def _queue_configuration(queue: dict[str, Any]) -> dict[str, Any]:
    configuration: dict[str, Any] = {"QueueArn": queue["queueArn"], "Events": queue["events"]}
    if queue.get("filterPrefix"):
        configuration["Filter"] = {"Key": {"FilterRules": [{"Name": "prefix", "Value": queue["filterPrefix"]}]}}
    return configuration


@provides("aws:s3/bucketPolicy:BucketPolicy")
class Policy(BucketSetting):
    """The access policy."""

    def put(self, s3: Any, bucket: str, inputs: Inputs) -> None:
        s3.put_bucket_policy(Bucket=bucket, Policy=inputs["policy"])

    def remove(self, s3: Any, bucket: str) -> None:
        s3.delete_bucket_policy(Bucket=bucket)


@provides("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration")
class ObjectLock(BucketSetting):
    """How long objects are locked by default."""

    def put(self, s3: Any, bucket: str, inputs: Inputs) -> None:
        rule = {"DefaultRetention": pascal(inputs["rule"]["defaultRetention"])}
        s3.put_object_lock_configuration(
            Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
        )

    def remove(self, s3: Any, bucket: str) -> None:
        s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
