"""The emulator patch that gives resources the same IDs in each run."""

import re

import pytest

from local.emulator_client import Aws
from tests.local.conftest import running_emulator

DISTRIBUTION = {
    "CallerReference": "site",
    "Comment": "",
    "Enabled": True,
    "Origins": {
        "Quantity": 1,
        "Items": [{"Id": "it", "DomainName": "it.example", "S3OriginConfig": {"OriginAccessIdentity": ""}}],
    },
    "DefaultCacheBehavior": {"TargetOriginId": "it", "ViewerProtocolPolicy": "allow-all"},
}


def made(aws, name):
    """Create one of each and return their IDs."""
    pool = aws.client("cognito-idp").create_user_pool(PoolName=name)["UserPool"]["Id"]
    client = aws.client("cognito-idp").create_user_pool_client(UserPoolId=pool, ClientName=name)
    config = {**DISTRIBUTION, "CallerReference": name}
    distribution = aws.client("cloudfront").create_distribution(DistributionConfig=config)["Distribution"]
    identities = aws.client("cognito-identity").create_identity_pool(
        IdentityPoolName=name, AllowUnauthenticatedIdentities=False
    )
    key = {"authType": "API_KEY"}
    modes = ("connectionAuthModes", "defaultPublishAuthModes", "defaultSubscribeAuthModes")
    events = {"authProviders": [key], **{mode: [key] for mode in modes}}
    return {
        "API": aws.client("apigateway").create_rest_api(name=name)["id"],
        "event API": aws.client("appsync").create_api(name=name, eventConfig=events)["api"]["apiId"],
        "distribution": distribution["Id"],
        "domain": distribution["DomainName"],
        "user pool": pool,
        "client": client["UserPoolClient"]["ClientId"],
        "identity pool": identities["IdentityPoolId"],
    }


@pytest.fixture(scope="module")
def first(aws):
    return made(aws, "stable")


def test_the_same_names_have_the_same_ids_in_another_run(first, tmp_path):
    with running_emulator(tmp_path) as emulator:
        assert made(Aws(emulator.endpoint, "us-east-1"), "stable") == first


def test_other_names_have_other_ids(first, aws):
    other = made(aws, "other")

    assert not {kind for kind in first if other[kind] == first[kind]}


def test_an_id_that_is_taken_is_not_given_again(first, aws):
    api = aws.client("apigateway")
    more = {api.create_rest_api(name="stable")["id"] for _ in range(3)}
    pools = aws.client("cognito-idp")

    assert len(more | {first["API"]}) == 4
    assert pools.create_user_pool(PoolName="stable")["UserPool"]["Id"] != first["user pool"]


def test_ids_look_like_those_of_aws(first):
    assert re.fullmatch(r"[0-9a-f]{8}", first["API"])
    assert re.fullmatch(r"E[0-9A-Z]{13}", first["distribution"])
    assert re.fullmatch(r"d[0-9a-z]{13}\.cloudfront\.net", first["domain"])
    assert re.fullmatch(r"us-east-1_[0-9A-Za-z]{9}", first["user pool"])
    assert re.fullmatch(r"[0-9a-z]{26}", first["client"])
    assert re.fullmatch(r"us-east-1:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", first["identity pool"])
