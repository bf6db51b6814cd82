import json

import pytest

from lambdas import create_photo
from lambdas.photos.models import MAX_FORM_BYTES
from lambdas.photos.quota import Quota
from tests.lambdas.builders import ANN, BOB, SAM, api_event
from tests.lambdas.photos.files import NOT_PICTURES, PICTURES, data_url, encoded, large_png, picture


@pytest.fixture
def send(filing, context, monkeypatch):
    def post(body, caller=ANN):
        monkeypatch.setattr(create_photo, "filing", lambda: filing)
        answer = create_photo.handler(api_event("POST", "/form", caller=caller, body=body), context)
        return answer["statusCode"], json.loads(answer["body"]), answer["headers"]

    return post


@pytest.fixture
def quota():
    """A quota of one large photo."""
    return Quota(1, 10 * MAX_FORM_BYTES)


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("form", [encoded, data_url], ids=["plain", "data url"])
def test_a_picture_is_stored_under_its_own_key(send, name, form):
    status, photo, headers = send({"userid": "ann", "photo": form(PICTURES[name])})

    assert status == 201
    assert photo.keys() == {"id", "userid", "key", "contentType", "size", "sha256", "_createdAt"}
    assert photo["key"] == f"uploads/ann/{photo['id']}"
    assert (photo["contentType"], photo["size"]) == (f"image/{name.partition(',')[0]}", len(PICTURES[name]))
    assert headers["Location"] == f"/dev/photos/{photo['id']}"


def test_a_photo_can_belong_to_an_order(send):
    status, photo, _ = send({"userid": "ann", "photo": encoded(picture()), "orderId": "order-1"})

    assert (status, photo["orderId"]) == (201, "order-1")


@pytest.mark.parametrize("order", ["", "x" * 65, "a/b", "ä", 7, None])
def test_an_invalid_order_id_is_a_400(send, remaining, order):
    status, problem, _ = send({"userid": "ann", "photo": encoded(picture()), "orderId": order})

    assert (status, problem["errors"][0]["field"]) == (400, "orderId")
    assert remaining() == []


@pytest.mark.filterwarnings("default::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("name", NOT_PICTURES)
def test_files_that_are_not_pictures_are_a_415_and_store_nothing(send, remaining, name):
    status, problem, headers = send({"userid": "ann", "photo": data_url(NOT_PICTURES[name])})

    assert (status, problem["status"], headers["Content-Type"]) == (415, 415, "application/problem+json")
    assert remaining() == []


@pytest.mark.parametrize(
    ("status", "photo"),
    [
        pytest.param(400, "", id="empty"),
        pytest.param(400, "data:image/png;base64,", id="0 bytes"),
        pytest.param(400, "not base64!", id="invalid base64"),
        pytest.param(400, encoded(picture())[:-1], id="truncated base64"),
        pytest.param(400, "data:image/png," + encoded(picture()), id="a data url without base64"),
        pytest.param(400, 7, id="a number"),
        pytest.param(400, None, id="null"),
        pytest.param(400, [encoded(picture())], id="a list"),
        pytest.param(413, encoded(large_png(MAX_FORM_BYTES + 1)), id="one byte more than 2 MB"),
        pytest.param(413, "A" * 6_000_000, id="6 MB"),
        pytest.param(415, "AAAA", id="three zeros"),
    ],
)
def test_an_invalid_photo_is_refused_and_stores_nothing(send, remaining, status, photo):
    code, problem, _ = send({"userid": "ann", "photo": photo})

    assert (code, problem["status"]) == (status, status)
    assert remaining() == []


@pytest.mark.parametrize("caller", [BOB, SAM])
@pytest.mark.parametrize(
    "userid", ["ann", "../ann", "bob/../ann", "/", "..", "x" * 128, "${filename}", "%2e%2e", "\x00"]
)
def test_another_users_id_is_a_403(send, remaining, caller, userid):
    assert send({"userid": userid, "photo": encoded(picture())}, caller)[0] == 403
    assert remaining() == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"userid": "ann"},
        {"photo": encoded(picture())},
        {"userid": "", "photo": encoded(picture())},
        {"userid": "x" * 129, "photo": encoded(picture())},
        {"userid": "ann", "photo": encoded(picture()), "key": "../../etc/passwd"},
        {"userid": "ann", "photo": encoded(picture()), "filename": "a.png"},
        "no json",
    ],
    ids=str,
)
def test_an_invalid_body_is_a_400(send, remaining, body):
    assert send(body)[0] == 400
    assert remaining() == []


def test_a_data_urls_type_is_ignored(send):
    status, photo, _ = send({"userid": "ann", "photo": data_url(picture("GIF"), "text/html")})

    assert (status, photo["contentType"]) == (201, "image/gif")


def test_a_photo_over_the_quota_is_a_409(send, remaining):
    assert send({"userid": "ann", "photo": encoded(picture())})[0] == 201
    before = remaining()

    assert send({"userid": "ann", "photo": encoded(picture())})[0] == 409
    assert remaining() == before


def test_the_log_does_not_contain_photos(send, logs):
    send({"userid": "ann", "photo": encoded(picture())})

    assert encoded(picture())[:40] not in logs.text()
