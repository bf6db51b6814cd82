"""The emulator patch that resolves the identity variable in the policies of identity pool sessions."""

import json

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.emulator_client import Aws

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:*"}]})
VARIABLE = "${cognito-identity.amazonaws.com:sub}"


@pytest.fixture(scope="module")
def bucket(aws):
    aws.client("s3").create_bucket(Bucket="places")
    return "places"


@pytest.fixture(scope="module")
def role(aws, bucket):
    """A role that allows writing below the session's identity. The other variable is never resolved."""
    resources = [f"arn:aws:s3:::{bucket}/{VARIABLE}/*", f"arn:aws:s3:::{bucket}/${{aws:userid}}/*"]
    statement = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": resources}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = aws.client("iam").create_role(RoleName="uploader", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    aws.client("iam").put_role_policy(RoleName="uploader", PolicyName="own", PolicyDocument=policy)
    return arn


def s3_of(emulator, credentials, secret):
    return boto3.client(
        "s3",
        endpoint_url=emulator.endpoint,
        region_name="us-east-1",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials[secret],
        aws_session_token=credentials["SessionToken"],
        config=Config(s3={"addressing_style": "path"}),
    )


@pytest.fixture(scope="module")
def identities(aws, emulator, role):
    """Two identities of a pool, each with an S3 client that has its credentials."""
    pools = Aws(emulator.endpoint, "us-east-1").client("cognito-identity")
    pool = pools.create_identity_pool(IdentityPoolName="pool", AllowUnauthenticatedIdentities=True)["IdentityPoolId"]
    pools.set_identity_pool_roles(IdentityPoolId=pool, Roles={"unauthenticated": role})
    made = [pools.get_id(IdentityPoolId=pool)["IdentityId"] for _ in range(2)]
    given = [pools.get_credentials_for_identity(IdentityId=identity)["Credentials"] for identity in made]
    return [(identity, s3_of(emulator, each, "SecretKey")) for identity, each in zip(made, given, strict=True)]


def may_write(s3, bucket, place):
    try:
        s3.put_object(Bucket=bucket, Key=f"{place}/photo", Body=b"x")
    except ClientError as error:
        return error.response["Error"]["Code"] != "AccessDenied"
    return True


def test_an_identity_may_write_only_below_its_own_prefix(bucket, identities):
    (ann, anns), (bob, bobs) = identities

    assert may_write(anns, bucket, ann)
    assert may_write(bobs, bucket, bob)
    assert not may_write(anns, bucket, bob)
    assert not may_write(bobs, bucket, ann)


@pytest.mark.parametrize("place", ["", "*", VARIABLE, "${aws:userid}x", "anything"])
def test_no_other_prefix_is_writable(bucket, identities, place):
    [(identity, s3), _] = identities

    assert not may_write(s3, bucket, place)
    assert not may_write(s3, bucket, f"{identity}x")
    assert not may_write(s3, bucket, identity[:-1])


def test_a_session_from_sts_has_no_identity(aws, emulator, bucket, role, identities):
    session = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="somebody")["Credentials"]
    s3 = s3_of(emulator, session, "SecretAccessKey")

    assert [may_write(s3, bucket, identity) for identity, _ in identities] == [False, False]
    assert not may_write(s3, bucket, "")
