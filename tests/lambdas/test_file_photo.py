import json

import pytest

from lambdas import file_photo
from lambdas.photos.models import ContentType, NewUpload
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import ANN, failures, sqs_event, sqs_record
from tests.lambdas.photos.builders import s3_message
from tests.lambdas.photos.files import HTML, picture
from tests.lambdas.photos.test_arrivals import TEST_EVENT

PNG = NewUpload(content_type=ContentType.PNG, size=100)


@pytest.fixture
def handle(filing, context, monkeypatch):
    def run(*bodies, receives=1):
        monkeypatch.setattr(file_photo, "filing", lambda: filing)
        monkeypatch.setenv("MAX_RECEIVES", "5")
        records = [sqs_record(body, f"message-{n}") for n, body in enumerate(bodies)]
        for record in records:
            record["attributes"]["ApproximateReceiveCount"] = str(receives)
        return file_photo.handler(sqs_event(*records), context)

    return run


@pytest.fixture
def upload(photos, files):
    def put(content):
        key = photos.reserve(ANN, PNG).key
        return s3_message((key, files.put(key, content)))

    return put


def test_an_upload_becomes_a_photo(handle, upload, photos, logs):
    assert handle(upload(picture())) == failures()

    assert len(photos.page(ANN, None, 25, None)[0].items) == 1
    assert "filed" in [line["message"] for line in logs.lines()]


def test_a_message_can_contain_several_arrivals(handle, photos, files):
    keys = [photos.reserve(ANN, PNG).key for _ in range(2)]

    assert handle(s3_message(*((key, files.put(key, picture())) for key in keys))) == failures()
    assert len(photos.page(ANN, None, 25, None)[0].items) == 2


def test_a_file_that_is_not_a_picture_is_not_a_failure(handle, upload, remaining, logs):
    assert handle(upload(HTML)) == failures()

    assert remaining() == []
    written = logs.text()
    assert "discarded" in written
    assert "Refusals" in written


def test_s3s_test_message_is_not_a_failure(handle, remaining):
    assert handle(json.dumps(TEST_EVENT)) == failures()
    assert remaining() == []


def test_a_repeated_message_changes_nothing(handle, upload, remaining):
    message = upload(picture())
    handle(message)
    before = remaining()

    assert handle(message, message) == failures()
    assert remaining() == before


def test_a_poison_message_does_not_delay_others(handle, upload, photos):
    assert handle("{", upload(picture())) == failures("message-0")
    assert len(photos.page(ANN, None, 25, None)[0].items) == 1


def test_a_throttled_message_is_retried(handle, upload, photos_table, monkeypatch):
    def busy(photo, quota):
        raise Refusal("unavailable", "Too many concurrent changes.")

    monkeypatch.setattr(photos_table, "file", busy)

    assert handle(upload(picture())) == failures("message-0")


def test_a_failed_message_is_retried(handle, upload, files, monkeypatch):
    message = upload(picture())
    monkeypatch.setattr(files, "get", lambda key, version: 1 / 0)

    assert handle(message) == failures("message-0")


@pytest.mark.parametrize("receives", [4, 5])
def test_an_upload_that_stops_the_function_is_deleted_in_the_last_attempt(
    handle, filing, upload, remaining, monkeypatch, receives
):
    message = upload(picture())
    # As when the function runs out of time or memory: nothing is examined to the end.
    monkeypatch.setattr(filing, "file_upload", lambda arrival: 1 / 0)

    assert handle(message, receives=receives) == failures(*["message-0"] * (receives == 4))
    assert (remaining() == []) == (receives == 5)
