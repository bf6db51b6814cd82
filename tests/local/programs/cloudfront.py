"""A private bucket behind a CDN."""

import pulumi
import pulumi_aws as aws
from common import CHANGED, policy

bucket = aws.s3.Bucket("site", force_destroy=True)
aws.s3.BucketObjectv2(
    "index.html", bucket=bucket.id, key="index.html", content="<h1>Hello</h1>", content_type="text/html"
)
access = aws.cloudfront.OriginAccessControl(
    "site", origin_access_control_origin_type="s3", signing_behavior="always", signing_protocol="sigv4"
)
cdn = aws.cloudfront.Distribution(
    "site",
    enabled=True,
    comment="Changed" if CHANGED else "A site",
    default_root_object="index.html",
    origins=[
        {
            "origin_id": "bucket",
            "domain_name": bucket.bucket_regional_domain_name,
            "origin_access_control_id": access.id,
        }
    ],
    default_cache_behavior={
        "target_origin_id": "bucket",
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": ["GET", "HEAD"],
        "cached_methods": ["GET", "HEAD"],
        "cache_policy_id": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    },
    restrictions={"geo_restriction": {"restriction_type": "none"}},
    viewer_certificate={"cloudfront_default_certificate": True},
)
aws.s3.BucketPolicy(
    "site",
    bucket=bucket.id,
    policy=pulumi.Output.all(bucket.arn, cdn.arn).apply(
        lambda arns: policy(
            {
                "Principal": {"Service": "cloudfront.amazonaws.com"},
                "Action": "s3:GetObject",
                "Resource": f"{arns[0]}/*",
                "Condition": {"StringEquals": {"AWS:SourceArn": arns[1]}},
            }
        )
    ),
)
pulumi.export("domain", cdn.domain_name)
