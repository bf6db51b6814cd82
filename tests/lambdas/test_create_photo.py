import json

import pytest

from lambdas import create_photo
from lambdas.photos.models import MAX_FORM_BYTES
from lambdas.photos.quota import Quota
from tests.lambdas.builders import ANN, BOB, SAM, api_event
from tests.lambdas.photos.files import LIES, PICTURES, data_url, encoded, large_png, picture


@pytest.fixture
def send(filing, context, monkeypatch):
    def post(body, caller=ANN):
        monkeypatch.setattr(create_photo, "filing", lambda: filing)
        answer = create_photo.handler(api_event("POST", "/form", caller=caller, body=body), context)
        return answer["statusCode"], json.loads(answer["body"]), answer["headers"]

    return post


@pytest.fixture
def quota():
    """Room for one large photo."""
    return Quota(1, 10 * MAX_FORM_BYTES)


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("form", [encoded, data_url], ids=["plain", "data url"])
def test_a_picture_is_kept_under_a_key_of_its_own(send, name, form):
    status, photo, headers = send({"userid": "ann", "photo": form(PICTURES[name])})

    assert status == 201
    assert photo.keys() == {"id", "userid", "key", "contentType", "size", "sha256", "_createdAt"}
    assert photo["key"] == f"uploads/ann/{photo['id']}"
    assert (photo["contentType"], photo["size"]) == (f"image/{name.partition(',')[0]}", len(PICTURES[name]))
    assert headers["Location"] == f"/dev/photos/{photo['id']}"


def test_a_photo_may_belong_to_an_order(send):
    status, photo, _ = send({"userid": "ann", "photo": encoded(picture()), "orderId": "order-1"})

    assert (status, photo["orderId"]) == (201, "order-1")


@pytest.mark.parametrize("order", ["", "x" * 65, "a/b", "ä", 7, None])
def test_what_could_be_no_order_is_a_400(send, left, order):
    status, problem, _ = send({"userid": "ann", "photo": encoded(picture()), "orderId": order})

    assert (status, problem["errors"][0]["field"]) == (400, "orderId")
    assert left() == []


@pytest.mark.filterwarnings("default::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("name", LIES)
def test_what_only_says_that_it_is_a_picture_is_a_415_and_leaves_nothing(send, left, name):
    status, problem, headers = send({"userid": "ann", "photo": data_url(LIES[name])})

    assert (status, problem["status"], headers["Content-Type"]) == (415, 415, "application/problem+json")
    assert left() == []


@pytest.mark.parametrize(
    ("status", "photo"),
    [
        pytest.param(400, "", id="nothing"),
        pytest.param(400, "data:image/png;base64,", id="0 bytes"),
        pytest.param(400, "not base64!", id="bad base64"),
        pytest.param(400, encoded(picture())[:-1], id="base64 that was cut off"),
        pytest.param(400, "data:image/png," + encoded(picture()), id="a data url without base64"),
        pytest.param(400, 7, id="a number"),
        pytest.param(400, None, id="null"),
        pytest.param(400, [encoded(picture())], id="a list"),
        pytest.param(413, encoded(large_png(MAX_FORM_BYTES + 1)), id="2 MB and one byte more"),
        pytest.param(413, "A" * 6_000_000, id="very much"),
        pytest.param(415, "AAAA", id="three zeros"),
    ],
)
def test_what_is_no_photo_is_refused_and_leaves_nothing(send, left, status, photo):
    answered, problem, _ = send({"userid": "ann", "photo": photo})

    assert (answered, problem["status"]) == (status, status)
    assert left() == []


@pytest.mark.parametrize("caller", [BOB, SAM])
@pytest.mark.parametrize(
    "userid", ["ann", "../ann", "bob/../ann", "/", "..", "x" * 128, "${filename}", "%2e%2e", "\x00"]
)
def test_somebody_elses_name_is_a_403(send, left, caller, userid):
    assert send({"userid": userid, "photo": encoded(picture())}, caller)[0] == 403
    assert left() == []


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
def test_another_body_is_a_400(send, left, body):
    assert send(body)[0] == 400
    assert left() == []


def test_what_a_data_url_says_of_its_content_counts_nothing(send):
    status, photo, _ = send({"userid": "ann", "photo": data_url(picture("GIF"), "text/html")})

    assert (status, photo["contentType"]) == (201, "image/gif")


def test_a_photo_without_room_is_a_409(send, left):
    assert send({"userid": "ann", "photo": encoded(picture())})[0] == 201
    before = left()

    assert send({"userid": "ann", "photo": encoded(picture())})[0] == 409
    assert left() == before


def test_no_photo_is_in_the_log(send, logs):
    send({"userid": "ann", "photo": encoded(picture())})

    assert encoded(picture())[:40] not in logs.text()
