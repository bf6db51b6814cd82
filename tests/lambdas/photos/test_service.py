import pytest

from lambdas.photos.models import COUNTED_MS, ContentType, NewUpload
from lambdas.photos.quota import MAX_RESERVED, Quota
from lambdas.photos.service import RESERVED_SECONDS, Photos
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import ANN, BOB, SAM
from tests.lambdas.photos.builders import a_photo, a_reservation, photo_id

PNG = NewUpload(content_type=ContentType.PNG, size=100)


@pytest.fixture
def keep(photos_table, files):
    """Store a photo in the bucket and the table."""

    def put(n=1, userid="ann", size=100):
        photo = a_photo(n, userid, size=size)
        photo.version = files.put(photo.key, b"x" * size)
        photos_table.reserve(a_reservation(photo), 50)
        photos_table.file(photo, Quota(100, 10**9))
        return photo

    return put


def reason(call):
    with pytest.raises(Refusal) as refused:
        call()
    return refused.value.reason


def test_a_reservation_contains_an_upload_form(photos, photos_table, clock):
    upload = photos.reserve(ANN, PNG)

    assert upload.key == f"uploads/ann/{upload.id}"
    assert (upload.bucket, upload.fields["key"], upload.fields["Content-Type"]) == ("photos", upload.key, "image/png")
    reservation = photos_table.reservation(upload.id)
    assert (reservation.owner, reservation.version) == ("ann", None)
    assert reservation.expire_on == clock.now // 1000 + RESERVED_SECONDS


@pytest.mark.parametrize("sizes", [[10, 10, 10], [9_901], [9_000, 901]])
def test_a_reservation_over_the_quota_is_refused(photos, keep, sizes, remaining):
    for n, size in enumerate(sizes):
        keep(n, size=size)
    before = remaining()

    assert reason(lambda: photos.reserve(ANN, PNG)) == "conflict"
    assert remaining() == before
    assert photos.reserve(BOB, PNG)


@pytest.mark.parametrize(("quota", "kind"), [(Quota(3, 10_000), "conflict"), (Quota(100, 10**9), "throttled")])
def test_pending_reservations_are_limited(photos_table, files, clock, quota, kind):
    photos = Photos(photos_table, files, quota, clock)
    for _ in range(min(quota.count, MAX_RESERVED)):
        photos.reserve(ANN, PNG)

    assert reason(lambda: photos.reserve(ANN, PNG)) == kind
    assert photos.reserve(BOB, PNG)
    clock.pass_ms(COUNTED_MS)
    assert photos.reserve(ANN, PNG)


def test_users_can_get_their_own_photo(photos, keep):
    photo = keep()

    assert photos.get(ANN, photo.id) == (photo, f"https://bucket.test/{photo.key}?versionId={photo.version}")


def test_another_users_photo_is_missing(photos, keep, remaining):
    photo = keep()

    assert reason(lambda: photos.get(BOB, photo.id)) == "missing"
    assert reason(lambda: photos.delete(BOB, photo.id)) == "missing"
    assert len(remaining()) == 4


def test_staff_can_get_and_delete_any_photo(photos, keep):
    photo = keep()

    assert photos.get(SAM, photo.id)[0] == photo
    photos.delete(SAM, photo.id)
    assert reason(lambda: photos.get(ANN, photo.id)) == "missing"


@pytest.mark.parametrize("caller", [ANN, SAM])
def test_a_reservation_is_not_a_photo(photos, caller):
    upload = photos.reserve(ANN, PNG)

    assert reason(lambda: photos.get(caller, upload.id)) == "missing"
    assert reason(lambda: photos.delete(caller, upload.id)) == "missing"
    assert photos.page(ANN, None, 25, None)[0].items == []


def test_lists(photos, keep):
    keep(1), keep(2, "bob"), keep(3)

    def ids(caller, userid=None):
        page, urls = photos.page(caller, userid, 25, None)
        assert len(urls) == len(page.items)
        return [photo.id for photo in page.items]

    assert ids(ANN) == ids(ANN, "ann") == ids(SAM, "ann") == [photo_id(3), photo_id(1)]
    assert ids(SAM) == [photo_id(3), photo_id(2), photo_id(1)]
    assert ids(SAM, "nobody") == []
    assert reason(lambda: photos.page(ANN, "bob", 25, None)) == "forbidden"


def test_deleting_removes_everything_and_frees_the_quota(photos, photos_table, keep, remaining):
    keep(1)
    photos.delete(ANN, photo_id(1))

    assert remaining() == []
    assert reason(lambda: photos.delete(ANN, photo_id(1))) == "missing"
    assert photos_table.usage("ann").bytes == 0


def test_a_failed_deletion_can_be_retried(photos, photos_table, keep, remaining, monkeypatch):
    keep(1)
    with monkeypatch.context() as broken:
        broken.setattr(photos_table, "delete", lambda photo: pytest.fail("no table"))
        with pytest.raises(pytest.fail.Exception):
            photos.delete(ANN, photo_id(1))

    photos.delete(ANN, photo_id(1))
    assert remaining() == []
