"""S3 notifies a function about new objects."""

import pulumi
import pulumi_aws as aws
from common import CHANGED, allow, noting

bucket = aws.s3.Bucket("uploads", force_destroy=True, tags={"purpose": "uploads"})
reader = noting("reader")
aws.s3.BucketNotification(
    "uploads",
    bucket=bucket.id,
    lambda_functions=[
        {
            "lambda_function_arn": reader.arn,
            "events": ["s3:ObjectCreated:*"],
            "filter_suffix": ".txt" if CHANGED else ".csv",
        }
    ],
    opts=pulumi.ResourceOptions(depends_on=[allow("uploads", reader, "s3.amazonaws.com", bucket.arn)]),
)
pulumi.export("bucket", bucket.id)
