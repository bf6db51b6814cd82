"""Concurrent writers on one order: one wins each move, the others get a 409 or 412, and no write is lost."""

import itertools
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.local.conftest import eventually
from tests.local.test_cafe import CAPPUCCINO

pytestmark = pytest.mark.long

WRITERS = 200
THREADS = 16
REPEATS = 50


@pytest.fixture(scope="module")
def ann(cafe):
    return cafe.sign_in("ann")


@pytest.fixture(scope="module")
def sam(cafe):
    return cafe.sign_in("sam")


@pytest.fixture
def path(cafe, ann):
    """The path of an accepted order."""
    order = cafe.api.post("orders", json=CAPPUCCINO, headers=ann).json()
    path = f"orders/{order['customer']}/{order['id']}"
    eventually(lambda: cafe.api.get(path, headers=ann).json()["status"] == "accepted")
    return path


def at_once(call, arguments):
    """The answers of concurrent calls."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda given: call(*given), arguments))


def statuses_of(answers):
    return Counter(answer.status_code for answer in answers)


def assert_state_is_the_winners(cafe, headers, path, winner):
    now = cafe.api.get(path, headers=headers)
    state = {**now.json()}
    # While an order is made, its wait is part of the state and, after a dot, of the tag.
    waits = state.pop("wait", None)
    tag = re.sub(r'[.][^"]*', "", now.headers["ETag"]) if waits else now.headers["ETag"]
    assert (state, tag) == (winner.json(), winner.headers["ETag"])


def test_of_concurrent_ready_and_cancelled_moves_one_wins(cafe, ann, sam, path):
    writers = itertools.islice(itertools.cycle([(sam, "ready"), (ann, "cancelled")]), WRITERS)

    answers = at_once(lambda who, status: cafe.api.patch(path, json={"status": status}, headers=who), writers)

    assert statuses_of(answers) == {200: 1, 409: WRITERS - 1}
    [winner] = [answer for answer in answers if answer.status_code == 200]
    assert_state_is_the_winners(cafe, ann, path, winner)


def test_the_winning_fill_keeps_its_time(cafe, ann, sam, path):
    assert cafe.api.patch(path, json={"status": "ready"}, headers=sam).status_code == 200
    moves = [{"status": "filled", "_filledAt": 1_700_000_000_000 + n} for n in range(WRITERS // 2)]
    late = [{"status": "cancelled"}] * (WRITERS // 2)
    writers = itertools.chain.from_iterable(
        ((sam, move), (ann, cancel)) for move, cancel in zip(moves, late, strict=True)
    )

    answers = at_once(lambda who, move: (move, cafe.api.patch(path, json=move, headers=who)), writers)

    assert statuses_of(answer for _, answer in answers) == {200: 1, 409: WRITERS - 1}
    [(move, winner)] = [(move, answer) for move, answer in answers if answer.status_code == 200]
    assert winner.json()["status"] == "filled"
    assert winner.json()["_filledAt"] == move["_filledAt"]
    assert_state_is_the_winners(cafe, ann, path, winner)


def test_the_winning_moves_form_one_path_through_the_lifecycle(cafe, ann, sam, path):
    moves = [(sam, "accepted"), (sam, "ready"), (sam, "filled"), (ann, "cancelled"), (sam, "cancelled")]
    # The later moves come first: each must wait for the one before it, and a cancellation may intervene.
    writers = itertools.islice(itertools.cycle(reversed(moves)), WRITERS)

    answers = at_once(lambda who, status: cafe.api.patch(path, json={"status": status}, headers=who), writers)

    won = {answer.json()["status"]: answer for answer in answers if answer.status_code == 200}
    assert statuses_of(answers) == {200: len(won), 409: WRITERS - len(won)}
    assert set(won) in ({"cancelled"}, {"ready"}, {"ready", "filled"})
    last = won[max(won, key=["ready", "filled", "cancelled"].index)]
    assert_state_is_the_winners(cafe, ann, path, last)


def test_of_writers_with_the_same_etag_one_wins(cafe, sam, path):
    seen = cafe.api.get(path, headers=sam).headers["ETag"]

    def replace(qty):
        body = {"items": [{"name": "Cappuccino", "qty": qty}]}
        return cafe.api.put(path, json=body, headers={**sam, "If-Match": seen})

    answers = at_once(replace, [(n + 1,) for n in range(REPEATS)])

    assert statuses_of(answers) == {200: 1, 412: REPEATS - 1}
    [winner] = [answer for answer in answers if answer.status_code == 200]
    assert_state_is_the_winners(cafe, sam, path, winner)


def test_replacements_and_moves_keep_each_others_fields(cafe, sam, path):
    """A replacement sets the items and a move the status: neither overwrites the other's fields."""
    replacements = [{"items": [{"name": "Cappuccino", "qty": n + 1}]} for n in range(REPEATS)]
    moves = [{"status": "ready"}] * REPEATS
    writers = itertools.chain.from_iterable(
        (("PUT", body), ("PATCH", move)) for body, move in zip(replacements, moves, strict=True)
    )

    answers = at_once(lambda method, body: (method, cafe.api.request(method, path, json=body, headers=sam)), writers)

    assert statuses_of(answer for method, answer in answers if method == "PATCH") == {200: 1, 409: REPEATS - 1}
    assert statuses_of(answer for method, answer in answers if method == "PUT") == {200: REPEATS}
    now = cafe.api.get(path, headers=sam)
    assert now.json()["status"] == "ready"
    # The state is that of the last writer.
    [last] = [answer for _, answer in answers if answer.headers.get("ETag") == now.headers["ETag"]]
    assert now.json() == last.json()


@pytest.mark.parametrize("id_", ["fifty-at-once"])
def test_concurrent_identical_orders_create_one_order(cafe, ann, id_):
    answers = at_once(
        lambda body: cafe.api.post("orders", json=body, headers=ann), [({**CAPPUCCINO, "id": id_},)] * REPEATS
    )

    assert statuses_of(answers) == {201: 1, 200: REPEATS - 1}
    # The kitchen may have accepted it in between; the rest is the same.
    assert len({(a.json()["id"], a.json()["_createdAt"], str(a.json()["items"])) for a in answers}) == 1
    assert [order["id"] for order in cafe.api.get("orders?limit=100", headers=ann).json()].count(id_) == 1


def test_of_concurrent_different_orders_with_one_id_one_is_stored(cafe, ann):
    bodies = [({"name": "Lemonade", "quantity": n + 1, "id": "fifty-contents"},) for n in range(REPEATS)]

    answers = at_once(lambda body: cafe.api.post("orders", json=body, headers=ann), bodies)

    assert statuses_of(answers) == {201: 1, 409: REPEATS - 1}
    [winner] = [answer.json() for answer in answers if answer.status_code == 201]
    stored = cafe.api.get(f"orders/{winner['customer']}/fifty-contents", headers=ann).json()
    assert stored["items"] == winner["items"]
