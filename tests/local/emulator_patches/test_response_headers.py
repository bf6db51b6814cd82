"""The emulator patch that lets signed URLs of a version set response headers."""

import boto3
import httpx
import pytest
from botocore.config import Config


@pytest.mark.parametrize("versioned", [False, True])
def test_a_signed_url_sets_response_headers(emulator, versioned):
    s3 = boto3.client(
        "s3",
        endpoint_url=emulator.endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    bucket = f"headers-{versioned}".lower()
    s3.create_bucket(Bucket=bucket)
    if versioned:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"x", ContentType="text/html", CacheControl="public")
    version = {"VersionId": put["VersionId"]} if versioned else {}
    own = {"ResponseContentType": "image/png", "ResponseCacheControl": "private"}

    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k", **version, **own})
    answer = httpx.get(url, trust_env=False)
    assert answer.status_code == 200, answer.text
    headers = answer.headers

    assert (headers["Content-Type"], headers["Cache-Control"]) == ("image/png", "private")
    assert httpx.get(url.replace("image", "text"), trust_env=False).status_code == 403
