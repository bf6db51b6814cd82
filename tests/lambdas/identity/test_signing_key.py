"""The key in KMS, on moto."""

import boto3
import pytest

from lambdas.identity.guests import Guests, new_guest
from lambdas.identity.signing_key import SigningKey
from lambdas.runtime import aws as runtime_aws
from tests.lambdas.conftest import REGION


@pytest.fixture
def key(aws):
    runtime_aws.client.cache_clear()
    made = boto3.client("kms", region_name=REGION).create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    yield SigningKey(made["KeyMetadata"]["KeyId"])
    runtime_aws.client.cache_clear()


def test_a_token_that_kms_signs_is_valid(key):
    guests = Guests(key, 60)
    session = guests.session(new_guest())

    assert guests.caller(session.token).name == session.customer


def test_the_public_key_is_fetched_once(key, monkeypatch):
    first = key.public_key()
    monkeypatch.setattr(key, "_client", None)

    assert key.public_key() is first
