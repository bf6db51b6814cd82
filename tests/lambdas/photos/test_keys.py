import pytest

from lambdas.orders.keys import SHARDS
from lambdas.orders.service import new_id
from lambdas.photos import keys
from lambdas.runtime.ids import created_at
from tests.lambdas.builders import NOON
from tests.lambdas.photos.builders import photo_id

ID = photo_id()


def test_new_ids_are_valid_photo_ids():
    made = new_id(NOON)

    assert keys.PHOTO_ID.fullmatch(made)
    assert created_at(made) == NOON


def test_other_items_sort_after_all_photos():
    assert f"{'f' * 12}-{'f' * 20}" < keys.MAX_PHOTO_ID < keys.QUOTA < keys.RESERVATION
    assert not keys.PHOTO_ID.fullmatch(keys.QUOTA)


def test_photos_spread_over_all_shards():
    assert {keys.shard(photo_id(n)) for n in range(20)} == set(SHARDS)


@pytest.mark.parametrize("userid", ["ann", "../../etc", "a/b", "${filename}", "a b+c", "ä", "\x00", "..", ""])
def test_user_ids_are_escaped_in_keys(userid):
    key = keys.upload_key(userid, ID)

    assert key.count("/") == 2
    assert "$" not in key
    assert key.isascii()
    assert key.isprintable()
    assert keys.matches_key(key, userid, ID)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (f"uploads/ann/{ID}", ID),
        (f"identities/us-east-1:0f-1/{ID}", ID),
        (f"uploads/{ID}", None),
        (f"uploads/a/b/{ID}", None),
        (f"uploads//{ID}", None),
        (f"other/ann/{ID}", None),
        (f"uploads/ann/{ID}.png", None),
        (f"uploads/ann/{ID}\n", None),
        ("uploads/ann/quota", None),
        ("uploads/ann/reservation", None),
        (f"identities/x/deep/{ID}", None),
        ("", None),
    ],
)
def test_a_key_ends_with_the_reserved_id(key, expected):
    assert keys.reserved_id(key) == expected


@pytest.mark.parametrize(
    "key", [f"uploads/bob/{ID}", f"uploads/ann/{photo_id(2)}", f"identities/x/{photo_id(2)}", f"x/ann/{ID}"]
)
def test_other_keys_are_not_a_users_photos(key):
    assert not keys.matches_key(key, "ann", ID)
