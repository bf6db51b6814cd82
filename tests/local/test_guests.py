"""Guests and displays, on the running café."""

import base64
import json
from urllib.parse import urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from lambdas.identity.guests import ISSUER
from local.cafe.seed import api_client
from tests.local.conftest import eventually, running_cafe
from tests.local.screen import Refused, connected
from tests.local.test_cafe import assert_problem
from tests.local.test_menu import closed
from tests.site.steps import MENU

pytestmark = pytest.mark.long

TEA = {"items": [{"name": MENU[2]["name"], "qty": 1, "options": ["Honey"]}], "pickupName": "Zoë"}


@pytest.fixture
def sam(cafe):
    return cafe.sign_in("sam")


def direct(cafe, address):
    """A client of the API that connects from another loopback address."""
    api = urlsplit(cafe.outputs["apiUrl"]).hostname.partition(".")[0]
    return httpx.Client(
        base_url=f"http://127.0.0.1:{cafe.port}/_aws/execute-api/{api}/dev/",
        transport=httpx.HTTPTransport(local_address=address),
        timeout=60,
    )


@pytest.fixture
def guest(cafe):
    """Begins a session. Returns the token's header and the guest's name."""

    def begin(address="127.0.1.1"):
        with direct(cafe, address) as client:
            answer = client.post("guests", json={})
        assert answer.status_code == 201, answer.text
        return bearer(answer.json()["token"]), answer.json()["customer"]

    return begin


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def token_of(header):
    return header["Authorization"].removeprefix("Bearer ")


def place(cafe, header, **body):
    return cafe.api.post("orders", json={**TEA, **body}, headers=header)


def test_a_guest_orders_follows_and_cancels(cafe, guest):
    header, name = guest()
    placed = place(cafe, header)
    order = placed.json()

    assert placed.status_code == 201, placed.text
    assert (order["customer"], order["pickupName"], order["total"]) == (name, "Zoë", 320)
    path = f"orders/{name}/{order['id']}"
    assert [it["id"] for it in cafe.api.get("orders", headers=header).json()] == [order["id"]]
    assert cafe.api.get(path, headers=header).json()["wait"]["ahead"] >= 0
    assert cafe.api.put(path, json={"items": TEA["items"] * 2}, headers=header).status_code in (200, 409)
    assert cafe.api.patch(path, json={"status": "cancelled"}, headers=header).json()["status"] == "cancelled"


def test_a_guest_is_a_customer_with_the_same_limits(tmp_path_factory):
    with running_cafe(tmp_path_factory.mktemp("few"), "openOrders=2") as cafe:
        session = cafe.api.post("guests", json={}).json()
        header = bearer(session["token"])
        assert [place(cafe, header).status_code for _ in range(3)] == [201, 201, 429]
        with closed(cafe, cafe.sign_in("sam")):
            assert_problem(cafe.api.post("orders", json=TEA, headers=bearer(session["token"])), 409)


def test_without_guests_there_are_no_sessions(tmp_path_factory):
    with running_cafe(tmp_path_factory.mktemp("none"), "guestOrders=false") as cafe:
        assert_problem(cafe.api.post("guests", json={}), 404)
        with api_client(cafe.outputs["webappUrl"], cafe.port) as site:
            assert site.get("api.json").json()["guests"] is False
        made_up = jwt.encode({"iss": ISSUER, "sub": "guest-0"}, ec.generate_private_key(ec.SECP256R1()), "ES256")
        assert_problem(place(cafe, bearer(made_up)), 401)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "orders/queued"),
        ("GET", "photos"),
        ("POST", "photos"),
        ("POST", "form"),
        ("GET", "invoices"),
        ("POST", "invoices"),
        ("PUT", "menu/Tea"),
        ("PATCH", "cafe"),
        ("GET", "displays"),
        ("POST", "displays"),
        ("GET", "display"),
    ],
)
def test_what_needs_an_account_is_refused(cafe, guest, method, path):
    assert_problem(cafe.api.request(method, path, json=TEA, headers=guest()[0]), 403)


def test_guests_and_customers_do_not_see_each_others_orders(cafe, guest, sam):
    one, one_name = guest()
    other, other_name = guest()
    order = place(cafe, other).json()
    path = f"orders/{other_name}/{order['id']}"

    assert one_name != other_name
    for header in (one, cafe.sign_in("ann")):
        for method in ("GET", "PATCH", "PUT", "DELETE"):
            assert_problem(cafe.api.request(method, path, json={"status": "cancelled"}, headers=header), 403)
        assert_problem(cafe.api.get(f"orders?customer={other_name}", headers=header), 403)
        assert_problem(place(cafe, header, customer=other_name), 403)
    assert_problem(cafe.api.delete(path, headers=other), 403)
    assert cafe.api.get(path, headers=sam).status_code == 200


def test_a_session_is_renewed_for_the_same_guest(cafe, guest):
    header, name = guest()
    renewed = cafe.api.post("guests", json={"token": token_of(header)})

    assert (renewed.status_code, renewed.json()["customer"]) == (201, name)
    for token in ("x", "a.b.c", token_of(cafe.sign_in("ann")), token_of(header)[:-2]):
        assert_problem(cafe.api.post("guests", json={"token": token}), 401)
    assert_problem(cafe.api.post("guests", json={"token": "", "name": "Zoë"}), 400)


def test_neither_issuers_token_passes_for_the_others(cafe, guest):
    header = guest()[0]
    theirs, ours = token_of(cafe.sign_in("ann")), token_of(header)
    kid = {which: jwt.get_unverified_header(token)["kid"] for which, token in (("pool", theirs), ("guests", ours))}
    claims = {
        which: jwt.decode(it, options={"verify_signature": False}) for which, it in (("pool", theirs), ("guests", ours))
    }
    key = ec.generate_private_key(ec.SECP256R1())

    def with_header(token, **changes):
        head, payload, signature = token.split(".")
        fields = {**json.loads(base64.urlsafe_b64decode(head + "==")), **changes}
        return ".".join(
            [base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("="), payload, signature]
        )

    forged = {
        "a guest's with the pool's key ID": with_header(ours, kid=kid["pool"]),
        "the pool's with the guests' key ID": with_header(theirs, kid=kid["guests"]),
        "a guest's that says RS256": with_header(ours, alg="RS256"),
        "a guest's that says none": with_header(ours, alg="none"),
        "the pool's claims by another key": jwt.encode(claims["pool"], key, "ES256", {"kid": kid["pool"]}),
        "a guest's claims by another key": jwt.encode(claims["guests"], key, "ES256", {"kid": kid["guests"]}),
        "an HMAC": jwt.encode(claims["guests"], "secret" * 8, "HS256", {"kid": kid["guests"]}),
        "another guest's payload": ".".join([ours.split(".")[0], theirs.split(".")[1], ours.split(".")[2]]),
    }
    for what, token in forged.items():
        assert cafe.api.get("orders", headers=bearer(token)).status_code == 401, what
    assert cafe.api.get("orders", headers=header).status_code == 200


def test_an_address_begins_thirty_sessions_and_forges_no_other(cafe):
    def statuses(client, path):
        return [client.post(path, json={}, headers={"X-Forwarded-For": f"192.0.2.{n}, 192.0.2.9"}) for n in range(32)]

    with direct(cafe, "127.0.2.1") as client:
        answers = statuses(client, "guests")
    codes = [answer.status_code for answer in answers]
    # A second may pass meanwhile, but not twenty.
    assert codes[:30] == [201] * 30
    assert 429 in codes[30:]
    assert int(next(it for it in answers if it.status_code == 429).headers["Retry-After"]) <= 10
    with direct(cafe, "127.0.2.2") as client:
        assert client.post("guests", json={}).status_code == 201


def test_behind_the_cdn_the_viewers_address_counts(cafe):
    """On this machine, the CDN and most viewers have the same address, but a forged one is another."""
    with api_client(cafe.outputs["webappUrl"], cafe.port) as site:
        codes = [
            site.post("dev/guests", json={}, headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code for n in range(40)
        ]
    assert 429 in codes
    with direct(cafe, "127.0.2.3") as client:
        forged = {"X-Forwarded-For": "127.0.0.1, 127.0.0.1", "x-origin-key": "guessed"}
        assert client.post("guests", json={}, headers=forged).status_code == 201


def test_a_guest_hears_of_their_own_order_and_the_menu(cafe, guest):
    header, name = guest()
    token = token_of(header)
    with connected(cafe.outputs, token) as screen:
        screen.subscribe(f"/orders/customers/{name}", token)
        screen.subscribe("/orders/menu", token)
        order = place(cafe, header).json()
        assert screen.event()["order"]["id"] == order["id"]
        for channel in ("/orders/board", "/orders/display", "/orders/customers/guest-0"):
            with pytest.raises(Refused):
                screen.subscribe(channel, token)


def test_a_display_shows_numbers_until_it_is_deleted(cafe, guest, sam):
    display = cafe.api.post("displays", json={}, headers=sam).json()
    header = {"Authorization": display["token"]}
    order = place(cafe, guest()[0]).json()

    def shown():
        answer = cafe.api.get("display", headers=header)
        return {"number": order["number"], "status": "accepted"} in answer.json() and answer

    answer = eventually(shown)
    assert set(answer.json()[0]) == {"number", "status"}
    assert cafe.api.get("display", headers={**header, "If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert cafe.api.get("display", headers=sam).status_code == 200
    for method, path in (
        ("GET", "orders"),
        ("POST", "orders"),
        ("POST", "displays"),
        ("GET", "displays"),
        ("GET", "photos"),
    ):
        assert_problem(cafe.api.request(method, path, json=TEA, headers=header), 403)

    assert {"id": display["id"]} in cafe.api.get("displays", headers=sam).json()
    assert cafe.api.delete(f"displays/{display['id']}", headers=sam).status_code == 204
    assert_problem(cafe.api.delete(f"displays/{display['id']}", headers=sam), 404)
    assert_problem(cafe.api.get("display", headers=header), 401)
    with pytest.raises(Refused), connected(cafe.outputs, display["token"]):
        pass


def test_a_display_hears_numbers_and_nothing_else(cafe, guest, sam):
    display = cafe.api.post("displays", json={}, headers=sam).json()
    with connected(cafe.outputs, display["token"]) as screen:
        screen.subscribe("/orders/display", display["token"])
        order = place(cafe, guest()[0]).json()
        path = f"orders/{order['customer']}/{order['id']}"
        eventually(lambda: cafe.api.get(path, headers=sam).json()["status"] == "accepted")
        ready = {"number": order["number"], "status": "ready"}
        assert cafe.api.patch(path, json={"status": "ready"}, headers=sam).status_code == 200
        assert ready in iter(screen.event, None)
        for channel in ("/orders/board", "/orders/menu", f"/orders/customers/{order['customer']}"):
            with pytest.raises(Refused):
                screen.subscribe(channel, display["token"])


def test_displays_tokens_are_secret_and_cannot_be_guessed(cafe, sam):
    display = cafe.api.post("displays", json={}, headers=sam).json()
    kind, name, secret = display["token"].split(".")

    for token in (
        f"{kind}.{name}.{'0' * 64}",
        f"{kind}.{'0' * 16}.{secret}",
        f"{kind}.{name}.{secret}0",
        f"{kind}.{name}.",
    ):
        assert_problem(cafe.api.get("display", headers={"Authorization": token}), 401)
