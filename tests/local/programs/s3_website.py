"""A static website in a bucket that anyone can read."""

import pulumi
import pulumi_aws as aws
from common import CHANGED, policy

bucket = aws.s3.Bucket("site", force_destroy=True)
aws.s3.BucketWebsiteConfiguration(
    "site", bucket=bucket.id, index_document={"suffix": "index.html"}, error_document={"key": "404.html"}
)
aws.s3.BucketOwnershipControls("site", bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"})
public = aws.s3.BucketPublicAccessBlock("site", bucket=bucket.id, block_public_acls=True, block_public_policy=False)
aws.s3.BucketPolicy(
    "site",
    bucket=bucket.id,
    policy=bucket.arn.apply(lambda arn: policy({"Principal": "*", "Action": "s3:GetObject", "Resource": f"{arn}/*"})),
    opts=pulumi.ResourceOptions(depends_on=[public]),
)
page = aws.s3.BucketObject(
    "index.html",
    bucket=bucket.id,
    key="index.html",
    content="<h1>Changed</h1>" if CHANGED else "<h1>Hello</h1>",
    content_type="text/html",
)
pulumi.export("bucket", bucket.id)
pulumi.export("page", page.key)
