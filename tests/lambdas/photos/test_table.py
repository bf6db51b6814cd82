import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from lambdas.photos import table
from lambdas.photos.quota import Quota, Usage
from lambdas.photos.table import PhotosTable
from lambdas.runtime import transactions
from lambdas.runtime.errors import Refusal
from tests.lambdas import fakes
from tests.lambdas.builders import PHOTOS_TABLE
from tests.lambdas.photos.builders import NEVER, a_photo, a_reservation, photo_id

LARGE_QUOTA = Quota(100, 1_000_000)


@pytest.fixture
def store(photos_table):
    return photos_table


def filed(store, *photos, quota=LARGE_QUOTA):
    for photo in photos:
        store.reserve(a_reservation(photo), 50)
        store.file(photo, quota)


def test_a_photo_is_stored_unchanged(store):
    filed(store, a_photo())

    assert store.get("ann", photo_id()) == a_photo()
    assert store.get("bob", photo_id()) is None
    assert store.usage("ann") == Usage(1, 100)


def test_filing_a_photo_fulfills_its_reservation(store):
    store.reserve(a_reservation(a_photo()), 50)
    assert store.reservation(photo_id()) == a_reservation(a_photo())

    store.file(a_photo(), LARGE_QUOTA)
    fulfilled = store.reservation(photo_id())
    assert (fulfilled.owner, fulfilled.version, fulfilled.expire_on) == ("ann", "version-1", 0)


def test_a_fulfilled_reservation_does_not_expire(store, clients):
    filed(store, a_photo())

    key = table.reservation_key(photo_id())
    assert "_expireOn" not in clients["dynamodb"].get_item(TableName=PHOTOS_TABLE, Key=key)["Item"]


def test_filing_again_changes_nothing(store):
    filed(store, a_photo())
    store.file(a_photo(), LARGE_QUOTA)

    assert store.usage("ann") == Usage(1, 100)


def test_filing_again_changes_nothing_when_the_quota_is_used_up(store):
    filed(store, a_photo(), quota=Quota(1, 100))
    store.file(a_photo(), Quota(1, 100))

    assert store.usage("ann") == Usage(1, 100)


@pytest.mark.parametrize("reserved", [True, False])
def test_a_reservation_allows_one_photo(store, reserved):
    if reserved:
        filed(store, a_photo())

    with pytest.raises(Refusal) as refused:
        store.file(a_photo(version="another", size=7), LARGE_QUOTA)

    assert refused.value.reason == "missing"
    assert store.usage("ann") == Usage(1, 100) if reserved else Usage()


@pytest.mark.parametrize("quota", [Quota(2, 1_000_000), Quota(100, 299), Quota(2, 200)])
def test_above_the_quota_nothing_is_written(store, quota):
    filed(store, a_photo(1), a_photo(2), quota=quota)
    store.reserve(a_reservation(a_photo(3)), 50)

    with pytest.raises(Refusal) as refused:
        store.file(a_photo(3), quota)

    assert refused.value.reason == "conflict"
    assert store.usage("ann") == Usage(2, 200)
    assert store.get("ann", photo_id(3)) is None
    assert store.reservation(photo_id(3)).version is None


def test_the_first_photo_is_counted_too(store):
    store.reserve(a_reservation(a_photo()), 50)

    with pytest.raises(Refusal, match="no room for a photo of 100 bytes"):
        store.file(a_photo(), Quota(5, 99))

    assert store.usage("ann") == Usage()


def test_photos_up_to_the_quota_are_allowed(store):
    filed(store, a_photo(1), a_photo(2), a_photo(3), quota=Quota(3, 300))

    assert store.usage("ann") == Usage(3, 300)


def test_every_user_has_their_own_quota(store):
    filed(store, a_photo(1), a_photo(2, "bob"), quota=Quota(1, 100))

    assert (store.usage("ann"), store.usage("bob")) == (Usage(1, 100), Usage(1, 100))


def test_deleting_frees_the_quota_once(store):
    filed(store, a_photo(1), a_photo(2, size=50))

    assert store.delete(a_photo(1)) is True
    assert store.delete(a_photo(1)) is False
    assert store.usage("ann") == Usage(1, 50)
    assert store.reservation(photo_id(1)) is None


def test_only_pending_reservations_are_refused(store):
    filed(store, a_photo(1))
    store.reserve(a_reservation(a_photo(2)), 50)

    for n in (1, 2, 3):
        store.refuse(a_reservation(a_photo(n)), "It is not a picture.")

    assert store.reservation(photo_id(1)).refused == ""
    assert store.reservation(photo_id(2)).refused == "It is not a picture."
    assert store.reservation(photo_id(3)) is None


@pytest.mark.parametrize("ended", ["filed", "refused", "expired", "deleted"])
def test_reservations_up_to_the_limit_can_be_pending(store, ended):
    first, *others = [a_photo(n) for n in range(4)]
    assert store.reserve(a_reservation(first, expire_on=1 if ended == "expired" else NEVER), 3)
    assert all(store.reserve(a_reservation(photo), 3) for photo in others[:2])

    match ended:
        case "filed":
            store.file(first, LARGE_QUOTA)
        case "refused":
            store.refuse(a_reservation(first), "It is not a picture.")
        case "deleted":
            store.file(first, LARGE_QUOTA)
            store.delete(first)

    assert store.reserve(a_reservation(others[2]), 3) is True
    assert store.reserve(a_reservation(a_photo(9)), 3) is False
    assert store.reservation(photo_id(9)) is None
    assert store.reserve(a_reservation(a_photo(10, "bob")), 3) is True


def test_concurrent_reservations_do_not_exceed_the_limit(store):
    start = threading.Barrier(16)

    def reserve(n):
        start.wait()
        return store.reserve(a_reservation(a_photo(n)), 5)

    with ThreadPoolExecutor(16) as workers:
        assert sum(workers.map(reserve, range(16))) == 5


def test_pages_contain_only_photos_newest_first(store):
    filed(store, *(a_photo(n) for n in (2, 1, 4, 3)), a_photo(5, "bob"))
    store.reserve(a_reservation(a_photo(6)), 50)

    first = store.page("ann", 3, None)
    second = store.page("ann", 3, first.next)

    assert [photo.id for photo in first.items] == [photo_id(n) for n in (4, 3, 2)]
    assert ([photo.id for photo in second.items], second.next) == ([photo_id(1)], None)


def test_everyones_pages(store):
    photos = [a_photo(n, "ann" if n % 2 else "bob") for n in range(1, 8)]
    filed(store, *photos)

    first = store.page(None, 5, None)
    second = store.page(None, 5, first.next)

    assert [*first.items, *second.items] == photos[::-1]
    assert (len(first.items), second.next) == (5, None)


def test_concurrent_photos_do_not_exceed_the_quota(store):
    photos = [a_photo(n) for n in range(16)]
    for photo in photos:
        store.reserve(a_reservation(photo), 50)
    start = threading.Barrier(16)

    def file(photo):
        start.wait()
        try:
            store.file(photo, Quota(5, 1_000_000))
        except Refusal as refusal:
            return refusal.reason
        return "filed"

    with ThreadPoolExecutor(16) as workers:
        outcomes = list(workers.map(file, photos))

    assert sorted(outcomes) == ["conflict"] * 11 + ["filed"] * 5
    assert store.usage("ann") == Usage(5, 500)
    assert len(store.page("ann", 100, None).items) == 5


@pytest.fixture
def busy(photos_table, clients, monkeypatch):
    monkeypatch.setattr(transactions.time, "sleep", lambda seconds: None)
    return lambda times: PhotosTable(PHOTOS_TABLE, fakes.Busy(clients["dynamodb"], times))


def test_conflicts_are_retried(busy):
    store = busy(transactions.ATTEMPTS - 1)
    filed(store, a_photo())

    assert store.usage("ann") == Usage(1, 100)


def test_retries_are_limited(busy):
    store = busy(transactions.ATTEMPTS)

    with pytest.raises(Refusal) as refused:
        filed(store, a_photo())

    assert refused.value.reason == "unavailable"
    assert store.usage("ann") == Usage()


def test_other_errors_are_raised(clients, aws):
    with pytest.raises(ClientError):
        PhotosTable("no-such-table", clients["dynamodb"]).delete(a_photo())
