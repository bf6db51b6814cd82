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
    """Event notifications to queues, topics and functions."""

    def put(self, s3: Any, bucket: str, inputs: Inputs) -> None:
        configuration = {
            target: [_notification(it, arn, to) for it in inputs.get(kind) or ()]
            for kind, (target, arn, to) in NOTIFIED.items()
        }
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)

    def remove(self, s3: Any, bucket: str) -> None:
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})


NOTIFIED = {
    "queues": ("QueueConfigurations", "queueArn", "QueueArn"),
    "topics": ("TopicConfigurations", "topicArn", "TopicArn"),
    "lambdaFunctions": ("LambdaFunctionConfigurations", "lambdaFunctionArn", "LambdaFunctionArn"),
}
"""S3's kind of notification, and the names of its target's ARN, by input."""


def _notification(given: dict[str, Any], arn: str, to: str) -> dict[str, Any]:
    rules = [
        {"Name": kind, "Value": given[name]}
        for kind, name in (("prefix", "filterPrefix"), ("suffix", "filterSuffix"))
        if given.get(name)
    ]
    filtered = {"Filter": {"Key": {"FilterRules": rules}}} if rules else {}
    return {to: given[arn], "Events": given["events"], **filtered}


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


@provides("aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration")
class Website(BucketSetting):
    """The static website of a bucket."""

    def put(self, s3: Any, bucket: str, inputs: Inputs) -> None:
        documents = {
            name: pascal(inputs[given])
            for given, name in (("indexDocument", "IndexDocument"), ("errorDocument", "ErrorDocument"))
            if inputs.get(given)
        }
        s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=documents)

    def remove(self, s3: Any, bucket: str) -> None:
        s3.delete_bucket_website(Bucket=bucket)


@provides("aws:s3/bucketOwnershipControls:BucketOwnershipControls")
class OwnershipControls(BucketSetting):
    """Who owns the objects of a bucket."""

    def put(self, s3: Any, bucket: str, inputs: Inputs) -> None:
        s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [pascal(inputs["rule"])]})

    def remove(self, s3: Any, bucket: str) -> None:
        s3.delete_bucket_ownership_controls(Bucket=bucket)
