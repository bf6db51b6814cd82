"""The account and the region that a component's resources are in."""

from functools import cached_property

import pulumi
import pulumi_aws as aws


class Account:
    """An account in a region, as the provider of a component sees it. Each value is asked for when it is first used."""

    def __init__(self, component: pulumi.Resource | None = None) -> None:
        """The account of the component's children, also if it has a provider of its own. Default: the program's."""
        # The functions of the provider do not take it from where they are called.
        self._opts = pulumi.InvokeOutputOptions(parent=component)

    @cached_property
    def partition(self) -> pulumi.Output[str]:
        """`aws`, or that of another group of regions, such as `aws-cn`."""
        return aws.get_partition_output(opts=self._opts).partition

    @cached_property
    def dns_suffix(self) -> pulumi.Output[str]:
        """Domain of the services: `amazonaws.com`."""
        return aws.get_partition_output(opts=self._opts).dns_suffix

    @cached_property
    def region(self) -> pulumi.Output[str]:
        """The region, such as `us-east-1`."""
        return aws.get_region_output(opts=self._opts).region

    @cached_property
    def id(self) -> pulumi.Output[str]:
        """The account's number."""
        return aws.get_caller_identity_output(opts=self._opts).account_id

    def arn(self, service: str, resource: pulumi.Input[str]) -> pulumi.Output[str]:
        """ARN of a resource in this region."""
        return pulumi.Output.format("arn:{0}:{1}:{2}:{3}:{4}", self.partition, service, self.region, self.id, resource)

    def bucket_arn(self, bucket: pulumi.Input[str]) -> pulumi.Output[str]:
        """ARN of a bucket, or of objects in it. It has neither region nor account."""
        return pulumi.Output.format("arn:{0}:s3:::{1}", self.partition, bucket)
