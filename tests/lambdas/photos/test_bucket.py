import base64
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from lambdas.photos import bucket
from lambdas.photos.bucket import PhotosBucket
from lambdas.photos.models import MAX_UPLOAD_BYTES, ContentType
from lambdas.runtime.errors import Refusal
from tests.lambdas.conftest import REGION
from tests.lambdas.photos.builders import a_photo


@pytest.fixture
def files(aws, clients):
    s3 = clients["s3"]
    s3.create_bucket(Bucket="photos", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    return PhotosBucket("photos", path_style=False, client=s3)


def test_objects_are_read_by_version(files):
    first = files.put("uploads/ann/1", b"one", ContentType.PNG)
    second = files.put("uploads/ann/1", b"two", ContentType.PNG)

    assert (files.get("uploads/ann/1", first), files.get("uploads/ann/1", second)) == (b"one", b"two")


def test_a_single_version_is_deleted_permanently(files, clients):
    first = files.put("k", b"one", ContentType.PNG)
    second = files.put("k", b"two", ContentType.PNG)

    files.delete("k", second)
    files.delete("k", second)

    assert files.get("k", first) == b"one"
    [remaining] = clients["s3"].list_object_versions(Bucket="photos")["Versions"]
    assert remaining["VersionId"] == first


def test_an_object_without_a_version_is_not_kept(files, clients):
    """In the first minutes of a bucket, versioning may not have taken effect."""
    clients["s3"].create_bucket(Bucket="new", CreateBucketConfiguration={"LocationConstraint": REGION})

    with pytest.raises(Refusal, match="Try again in a few minutes") as refused:
        PhotosBucket("new", path_style=False, client=clients["s3"]).put("k", b"one", ContentType.PNG)

    assert refused.value.reason == "unavailable"
    assert "Contents" not in clients["s3"].list_objects_v2(Bucket="new")


def test_too_large_objects_are_not_read(files, monkeypatch):
    monkeypatch.setattr(bucket, "MAX_UPLOAD_BYTES", 2)

    with pytest.raises(Refusal, match="3 bytes; the maximum is 2") as refused:
        files.get("k", files.put("k", b"one", ContentType.PNG))

    assert refused.value.reason == "too_large"


def test_the_form_allows_one_key_one_type_and_up_to_20_mb(files):
    form = files.upload_form("uploads/ann/1", ContentType.GIF)
    policy = json.loads(base64.b64decode(form.fields["policy"]))

    assert form.bucket == "photos"
    assert form.fields["key"] == "uploads/ann/1"
    assert {"key": "uploads/ann/1"} in policy["conditions"]
    assert {"Content-Type": "image/gif"} in policy["conditions"]
    assert ["content-length-range", 1, MAX_UPLOAD_BYTES] in policy["conditions"]


@pytest.mark.parametrize(
    ("path_style", "url"),
    [
        (False, f"https://photos.s3.{REGION}.amazonaws.com/uploads/ann/"),
        (True, f"https://s3.{REGION}.amazonaws.com/photos/uploads/ann/"),
    ],
)
def test_an_address_names_a_version_and_its_content_type(path_style, url):
    files = PhotosBucket("photos", path_style=path_style)
    address = files.url(a_photo())
    query = parse_qs(urlsplit(address).query)

    assert address.startswith(url)
    assert query["versionId"] == ["version-1"]
    assert query["response-content-type"] == ["image/png"]
    assert query["X-Amz-Expires"] == ["300"]
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1"])
def test_addresses_and_forms_use_the_buckets_region(monkeypatch, region):
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    bucket = PhotosBucket("photos", path_style=False)
    origin = f"https://photos.s3.{region}.amazonaws.com/"

    assert bucket.upload_form("k", ContentType.PNG).url == origin
    assert bucket.url(a_photo()).startswith(origin)
