"""The functions that reserve, list, get and delete photos: their requests and responses."""

import json
import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from lambdas import delete_photo, get_photo, get_photos, reserve_photo
from lambdas.photos.models import MAX_UPLOAD_BYTES
from lambdas.photos.quota import Quota
from tests.lambdas.builders import ANN, BOB, SAM, api_event
from tests.lambdas.photos.builders import a_photo, a_reservation, photo_id

PNG = {"contentType": "image/png", "size": 100}


@pytest.fixture
def call(photos, context, monkeypatch):
    def run(module, method, caller=ANN, id=None, **more):
        monkeypatch.setattr(module, "photos", lambda: photos)
        parameters = None if id is None else {"id": id}
        answer = module.handler(api_event(method, "/photos", caller=caller, parameters=parameters, **more), context)
        return answer["statusCode"], json.loads(answer["body"] or "null"), answer["headers"]

    return run


@pytest.fixture
def kept(photos_table, files):
    """Three photos, two of them ann's."""
    photos = [a_photo(1), a_photo(2, "bob"), a_photo(3)]
    for photo in photos:
        photo.version = files.put(photo.key, b"x" * photo.size)
        photos_table.reserve(a_reservation(photo), 50)
        photos_table.file(photo, Quota(10, 10_000))
    return photos


@pytest.mark.parametrize("type", ["image/jpeg", "image/png", "image/webp", "image/gif"])
def test_reserving(call, type):
    status, upload, headers = call(reserve_photo, "POST", body={"contentType": type, "size": MAX_UPLOAD_BYTES // 3000})

    assert status == 201
    assert upload.keys() == {"id", "key", "bucket", "url", "fields"}
    assert headers["Location"] == f"/dev/photos/{upload['id']}"
    assert upload["fields"]["Content-Type"] == type


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"contentType": "image/svg+xml", "size": 1}, "contentType"),
        ({"contentType": "image/PNG", "size": 1}, "contentType"),
        ({"contentType": "image/png", "size": 0}, "size"),
        ({"contentType": "image/png", "size": -1}, "size"),
        ({"contentType": "image/png", "size": MAX_UPLOAD_BYTES + 1}, "size"),
        ({"contentType": "image/png", "size": 1.5}, "size"),
        ({"contentType": "image/png"}, "body"),
        ({"size": 1}, "body"),
        ({**PNG, "orderId": "a/b"}, "orderId"),
        ({**PNG, "key": "uploads/bob/1"}, "body"),
        ({**PNG, "filename": "../../a.png"}, "body"),
    ],
    ids=str,
)
def test_an_invalid_reservation_is_refused_with_the_field(call, remaining, body, field):
    status, problem, _ = call(reserve_photo, "POST", body=body)

    assert (status, problem["errors"][0]["field"]) == (400, field)
    assert remaining() == []


def test_a_list_and_its_pages(call, kept):
    status, first, headers = call(get_photos, "GET", query={"limit": "1"})
    link = re.fullmatch(r'<(photos\?.+)>; rel="next"', headers["Link"])[1]
    _, second, last = call(get_photos, "GET", query=dict(parse_qsl(urlsplit(link).query)))

    assert status == 200
    assert [photo["id"] for photo in [*first, *second]] == [photo_id(3), photo_id(1)]
    assert "Link" not in last
    assert first[0]["url"].startswith("https://bucket.test/uploads/ann/")
    assert "_version" not in first[0]


@pytest.mark.parametrize(
    ("caller", "query", "found"),
    [
        (ANN, None, [3, 1]),
        (ANN, {"userid": "ann"}, [3, 1]),
        (BOB, None, [2]),
        (SAM, None, [3, 2, 1]),
        (SAM, {"userid": "bob"}, [2]),
        (SAM, {"userid": "reservation#" + photo_id(1)}, []),
        (SAM, {"limit": "100", "utm_source": "mail"}, [3, 2, 1]),
    ],
)
def test_whose_photos_are_listed(call, kept, caller, query, found):
    status, photos, _ = call(get_photos, "GET", caller, query=query)

    assert (status, [photo["id"] for photo in photos]) == (200, [photo_id(n) for n in found])


@pytest.mark.parametrize(
    ("status", "query"),
    [
        (400, {"limit": "0"}),
        (400, {"limit": "101"}),
        (400, {"cursor": "quota"}),
        (400, {"cursor": "cXVvdGE"}),
        (400, {"userid": ""}),
        (403, {"userid": "bob"}),
    ],
    ids=str,
)
def test_invalid_queries_are_refused(call, kept, status, query):
    assert call(get_photos, "GET", query=query)[0] == status


@pytest.mark.parametrize("caller", [ANN, SAM])
def test_a_photo_is_returned_with_its_url(call, kept, caller):
    status, photo, _ = call(get_photo, "GET", caller, photo_id(1))

    assert status == 200
    assert photo["url"] == f"https://bucket.test/uploads/ann/{photo_id(1)}?versionId=version-1"
    assert photo.keys() == {"id", "userid", "key", "contentType", "size", "sha256", "_createdAt", "url"}


@pytest.mark.parametrize("caller", [ANN, SAM])
@pytest.mark.parametrize(
    "id", [photo_id(9), "quota", "reservation", "", "x", "x" * 9000, "\ud800", "..", photo_id(1) + "\n", "%00"]
)
@pytest.mark.parametrize(("module", "method"), [(get_photo, "GET"), (delete_photo, "DELETE")])
def test_a_missing_photo_is_a_404(call, kept, caller, module, method, id):
    assert call(module, method, caller, id)[0] == 404


@pytest.mark.parametrize(("module", "method"), [(get_photo, "GET"), (delete_photo, "DELETE")])
def test_another_users_photo_is_a_404(call, kept, files, module, method):
    assert call(module, method, BOB, photo_id(1))[0] == 404
    assert len(files.objects) == 3


@pytest.mark.parametrize("caller", [ANN, SAM])
def test_deleting(call, kept, files, caller):
    status, body, _ = call(delete_photo, "DELETE", caller, photo_id(1))

    assert (status, body) == (204, None)
    assert len(files.objects) == 2
    assert call(delete_photo, "DELETE", caller, photo_id(1))[0] == 404
