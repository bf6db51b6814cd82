import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec import structs

from lambdas.photos import keys
from lambdas.photos.arrivals import UNVERSIONED, Arrival
from lambdas.photos.filing import Filing
from lambdas.photos.models import MAX_UPLOAD_BYTES, ContentType, NewUpload, PhotoForm
from lambdas.photos.quota import Quota, Usage
from lambdas.photos.service import RESERVED_SECONDS
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import ANN, BOB, SAM
from tests.lambdas.photos.builders import photo_id
from tests.lambdas.photos.files import HTML, encoded, large_png, located, picture

PICTURE = picture("PNG")
PNG = NewUpload(content_type=ContentType.PNG, size=100)


@pytest.fixture
def upload(photos, files):
    """Reserve an ID and upload content for it."""

    def put(content=PICTURE, prefix="uploads/ann", caller=ANN):
        reserved = photos.reserve(caller, PNG)
        key = f"{prefix}/{reserved.id}"
        return Arrival(key, files.put(key, content))

    return put


def reason(call, *arguments):
    with pytest.raises(Refusal) as refused:
        call(*arguments)
    return refused.value.reason


def form(content=PICTURE, userid="ann"):
    return PhotoForm(userid=userid, photo=encoded(content))


def test_a_form_becomes_a_photo(filing, files, photos_table, clock):
    photo = filing.create(ANN, form())

    assert (photo.userid, photo.key) == ("ann", f"uploads/ann/{photo.id}")
    assert (photo.content_type, photo.size) == ("image/png", len(PICTURE))
    assert photo.sha256 == hashlib.sha256(PICTURE).hexdigest()
    assert photo.created_at == clock.now
    assert files.objects == {(photo.key, photo.version): PICTURE}
    assert photos_table.get("ann", photo.id) == photo


@pytest.mark.parametrize("caller", [BOB, SAM])
def test_a_form_for_another_user_is_forbidden(filing, caller, remaining):
    assert reason(filing.create, caller, form()) == "forbidden"
    assert remaining() == []


def test_a_form_over_the_quota_stores_nothing(filing, files, remaining):
    for _ in range(3):
        filing.create(ANN, form())
    before = remaining()

    assert reason(filing.create, ANN, form()) == "conflict"
    assert remaining() == before


def test_a_form_that_loses_the_race_for_the_quota_stores_nothing(filing, photos_table, remaining, monkeypatch):
    monkeypatch.setattr(photos_table, "usage", lambda userid: Usage())
    for _ in range(3):
        filing.create(ANN, form())
    before = len(remaining())

    assert reason(filing.create, ANN, form()) == "conflict"
    assert len(remaining()) == before


@pytest.mark.parametrize("prefix", ["uploads/ann", "identities/us-east-1:0f"])
def test_an_upload_becomes_a_photo(filing, upload, photos, prefix):
    arrival = upload(prefix=prefix)
    photo = filing.file_upload(arrival)

    assert (photo.key, photo.version, photo.userid) == (arrival.key, arrival.version, "ann")
    assert photos.get(ANN, photo.id)[0] == photo


def test_a_photo_belongs_to_the_order_of_its_reservation(filing, files, photos):
    reserved = photos.reserve(ANN, structs.replace(PNG, order_id="order-1"))
    photo = filing.file_upload(Arrival(reserved.key, files.put(reserved.key, PICTURE)))

    assert photo.order_id == "order-1"
    assert photos.get(ANN, photo.id)[0] == photo


def test_the_actual_type_and_size_are_stored(filing, upload):
    content = picture("JPEG", (50, 50))
    photo = filing.file_upload(upload(content))

    assert (photo.content_type, photo.size) == ("image/jpeg", len(content))


def test_a_repeated_event_changes_nothing(filing, upload, photos_table, remaining):
    arrival = upload()
    filing.file_upload(arrival)
    before = remaining()

    assert filing.file_upload(arrival) is None
    assert remaining() == before
    assert photos_table.usage("ann") == Usage(1, len(PICTURE))


def test_the_event_of_a_form_changes_nothing(filing, remaining):
    photo = filing.create(ANN, form())
    before = remaining()

    assert filing.file_upload(Arrival(photo.key, photo.version)) is None
    assert remaining() == before


def test_an_event_completes_an_interrupted_form(filing, files, photos_table, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(photos_table, "file", lambda photo, quota: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            filing.create(ANN, form())
    [(key, version)] = files.objects

    assert photos_table.get("ann", filing.file_upload(Arrival(key, version)).id)


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_position_in_an_upload_is_never_stored(filing, upload, photos_table, files, monkeypatch, interrupted):
    arrival = upload(located("JPEG"))
    if interrupted:
        with monkeypatch.context() as broken:
            broken.setattr(photos_table, "file", lambda photo, quota: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                filing.file_upload(arrival)
        # The clean copy has an event of its own.
        [copy] = files.objects
        photo = filing.file_upload(Arrival(*copy))
        assert reason(filing.file_upload, arrival) == "missing"
    else:
        photo = filing.file_upload(arrival)
        assert filing.file_upload(Arrival(photo.key, photo.version)) is None

    assert photo.version != arrival.version
    [content] = files.objects.values()
    assert (b"GPS" in content, photo.size, photo.sha256) == (False, len(content), hashlib.sha256(content).hexdigest())


def test_an_object_from_before_versioning_gets_a_version(filing, photos, files):
    key = photos.reserve(ANN, PNG).key
    files.objects[key, UNVERSIONED] = PICTURE

    photo = filing.file_upload(Arrival(key, UNVERSIONED))

    assert files.objects == {(key, photo.version): PICTURE}
    assert photo.version != UNVERSIONED


@pytest.mark.parametrize("filed", [False, True])
def test_an_upload_that_cannot_be_examined_is_given_up(filing, upload, photos, remaining, filed):
    arrival = upload()
    if filed:
        filing.file_upload(arrival)
        assert filing.give_up(arrival) is None
        assert photos.get(ANN, keys.reserved_id(arrival.key))
    else:
        assert reason(filing.give_up, arrival) == "unsupported"
        assert remaining() == []


@pytest.mark.parametrize(
    ("caller", "detail"),
    [(ANN, "refused: The file is not a complete picture"), (SAM, "refused: "), (BOB, "There is no photo")],
)
def test_an_uploads_owner_can_learn_why_it_was_refused(filing, upload, photos, caller, detail):
    arrival = upload(HTML)
    assert reason(filing.file_upload, arrival) == "unsupported"

    with pytest.raises(Refusal, match=detail) as refused:
        photos.get(caller, keys.reserved_id(arrival.key))

    assert refused.value.reason == "missing"
    assert ("refused" in refused.value.detail) == (caller != BOB)


@pytest.mark.parametrize("content", [HTML, b"", HTML + PICTURE, PICTURE[:-1], bytes(MAX_UPLOAD_BYTES + 1)])
def test_an_invalid_upload_is_deleted_with_its_reservation(filing, upload, remaining, content):
    arrival = upload(content)

    assert reason(filing.file_upload, arrival) in ("unsupported", "too_large")
    assert remaining() == []
    assert reason(filing.file_upload, arrival) == "missing"


@pytest.mark.parametrize(
    "key",
    [
        f"uploads/ann/{photo_id()}",
        f"identities/us-east-1:0f/{photo_id()}",
        "uploads/ann/anything",
        "identities/us-east-1:0f/a/b/c.png",
        "uploads/ann/quota",
        "uploads/ann/reservation",
    ],
)
def test_an_upload_without_a_reservation_is_deleted(filing, files, remaining, key):
    assert reason(filing.file_upload, Arrival(key, files.put(key, PICTURE))) == "missing"
    assert remaining() == []


def test_an_upload_under_another_users_prefix_is_deleted(filing, upload, files, photos_table):
    arrival = upload(prefix="uploads/bob")

    assert reason(filing.file_upload, arrival) == "missing"
    assert files.objects == {}
    assert photos_table.reservation(keys.reserved_id(arrival.key)).version is None


def test_an_upload_whose_event_waited_as_a_dead_letter_is_filed(filing, upload, clock):
    arrival = upload()
    clock.pass_ms(14 * 24 * 3600 * 1000)

    assert filing.file_upload(arrival)


def test_an_upload_after_its_reservation_is_deleted(filing, upload, files, clock):
    arrival = upload()
    clock.pass_ms(RESERVED_SECONDS * 1000)

    assert reason(filing.file_upload, arrival) == "missing"
    assert files.objects == {}


def test_a_second_upload_does_not_replace_the_photo(filing, upload, files, photos):
    first = upload()
    filing.file_upload(first)
    second = Arrival(first.key, files.put(first.key, picture("GIF")))

    assert reason(filing.file_upload, second) == "missing"
    assert files.objects.keys() == {tuple(first)}
    [photo] = photos.page(ANN, None, 25, None)[0].items
    assert photo.version == first.version


def test_of_two_uploads_the_one_whose_event_comes_first_becomes_the_photo(filing, upload, files, photos):
    first = upload()
    second = Arrival(first.key, files.put(first.key, picture("GIF")))

    filing.file_upload(second)
    assert reason(filing.file_upload, first) == "missing"

    assert photos.get(ANN, keys.reserved_id(first.key))[0].version == second.version
    assert files.objects.keys() == {tuple(second)}


def test_an_upload_over_the_quota_is_deleted(filing, upload, remaining, photos_table):
    arrivals = [upload(large_png(4_000)) for _ in range(3)]
    for arrival in arrivals[:2]:
        filing.file_upload(arrival)
    before = len(remaining())

    assert reason(filing.file_upload, arrivals[2]) == "conflict"
    assert len(remaining()) == before - 2
    assert photos_table.usage("ann").count == 2


def test_a_deleted_photo_is_not_restored(filing, upload, photos, remaining):
    arrival = upload()
    photos.delete(ANN, filing.file_upload(arrival).id)

    assert reason(filing.file_upload, arrival) == "missing"
    assert remaining() == []


def test_a_throttled_upload_can_be_retried(filing, upload, photos_table, remaining, monkeypatch):
    arrival = upload()
    before = remaining()

    def busy(photo, quota):
        raise Refusal("unavailable", "Too many concurrent changes.")

    with monkeypatch.context() as patched:
        patched.setattr(photos_table, "file", busy)
        assert reason(filing.file_upload, arrival) == "unavailable"
        assert remaining() == before
    assert filing.file_upload(arrival)


def test_a_throttled_form_stores_nothing(filing, photos_table, remaining, monkeypatch):
    def busy(photo, quota):
        raise Refusal("unavailable", "Too many concurrent changes.")

    monkeypatch.setattr(photos_table, "file", busy)

    # The client retries and would otherwise store it twice.
    assert reason(filing.create, ANN, form()) == "unavailable"
    assert remaining() == []


def test_a_photo_that_was_filed_concurrently_is_kept(filing, photos_table, files, monkeypatch):
    file = photos_table.file

    def too_late(photo, quota):
        file(photo, quota)
        raise Refusal("conflict", "There is no room.")

    monkeypatch.setattr(photos_table, "file", too_late)
    photo = filing.create(ANN, form())

    assert photos_table.get("ann", photo.id) == photo
    assert len(files.objects) == 1


def test_sixteen_concurrent_deliveries_of_an_event_create_one_photo(filing, upload, photos_table, files):
    arrival = upload()
    start = threading.Barrier(16)

    def arrive(_):
        start.wait()
        return filing.file_upload(arrival)

    with ThreadPoolExecutor(16) as workers:
        list(workers.map(arrive, range(16)))

    assert photos_table.usage("ann") == Usage(1, len(PICTURE))
    assert len(files.objects) == 1


def test_sixteen_concurrent_forms_do_not_exceed_the_quota(photos_table, files, clock):
    filing = Filing(photos_table, files, Quota(5, 10**6), clock)
    start = threading.Barrier(16)

    def create(_):
        start.wait()
        try:
            filing.create(ANN, form())
        except Refusal as refusal:
            return refusal.reason
        return "kept"

    with ThreadPoolExecutor(16) as workers:
        outcomes = list(workers.map(create, range(16)))

    assert sorted(outcomes) == ["conflict"] * 11 + ["kept"] * 5
    assert len(files.objects) == len(photos_table.page("ann", 100, None).items) == 5
    assert photos_table.usage("ann") == Usage(5, 5 * len(PICTURE))
