import json

import msgspec
import pytest

from lambdas.photos.arrivals import Arrival, parse
from tests.lambdas.photos.builders import s3_message

TEST_EVENT = {
    "Service": "Amazon S3",
    "Event": "s3:TestEvent",
    "Time": "2014-10-13T15:57:02.089Z",
    "Bucket": "photos",
    "RequestId": "5582815E1AEA5ADF",
    "HostId": "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR",
}


def test_a_message_contains_keys_and_versions():
    message = s3_message(("uploads/ann/1", "v1"), ("uploads/bob/2", "v2"))

    assert parse(message) == [Arrival("uploads/ann/1", "v1"), Arrival("uploads/bob/2", "v2")]


def test_keys_are_decoded():
    assert parse(s3_message(("uploads/a+b%2Fc/%C3%A4+1", "v"))) == [Arrival("uploads/a+b%2Fc/%C3%A4+1", "v")]
    assert parse(s3_message(("identities/us-east-1:1 2/x", "v"))) == [Arrival("identities/us-east-1:1 2/x", "v")]


def test_an_object_from_before_versioning_has_the_version_null():
    assert parse('{"Records": [{"s3": {"object": {"key": "k"}}}]}') == [Arrival("k", "null")]


def test_s3s_test_message_contains_no_arrivals():
    assert parse(json.dumps(TEST_EVENT)) == []


@pytest.mark.parametrize("body", ["", "[]", '{"Records": [{}]}', '{"Records": [{"s3": {"object": {}}}]}'])
def test_an_invalid_message_is_an_error(body):
    with pytest.raises(msgspec.MsgspecError):
        parse(body)
