"""Valid and invalid tokens of every kind, on the running café.

The authorizer also trusts a key of the tests, so that a token can have a valid signature and any other defect.
"""

import http.server
import json
import threading
import time
import urllib.request
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from lambdas.api.routes import ROUTES
from tests.lambdas.photos.files import encoded, picture
from tests.lambdas.pool import Pool

NOW = int(time.time())
DAY = 86_400
KID = "test-key"
DELETE = "order-api/delete_order"


class Issuer:
    """Issues tokens like the café's user pool, with any claims."""

    def __init__(self, cafe: Any, ann: str, bob: str) -> None:
        self.pool = Pool()
        self.ann, self.bob = ann, bob
        self.iss = f"https://cognito-idp.us-east-1.amazonaws.com/{cafe.outputs['userPoolId']}"
        self.client = cafe.outputs["userPoolClientId"]

    def access(self, key: Any = None, kid: Any = KID, algorithm: str = "RS256", **changes: Any) -> str:
        claims = {"iss": self.iss, "client_id": self.client, "username": self.ann, **changes}
        return self.pool.sign(self.pool.access_claims(**claims), key=key, kid=kid, algorithm=algorithm)

    def id(self, **changes: Any) -> str:
        claims = {"iss": self.iss, "aud": self.client, "cognito:username": self.ann, **changes}
        return self.pool.sign(self.pool.id_claims(**claims), kid=KID)

    def unsigned(self, **header: Any) -> str:
        claims = self.pool.access_claims(iss=self.iss, client_id=self.client, username=self.ann)
        return self.pool.raw({"typ": "JWT", "kid": KID, **header}, claims)

    def tampered(self) -> str:
        header, _, signature = self.access().split(".")
        payload = self.access(username=self.bob).split(".")[1]
        return f"{header}.{payload}.{signature}"


@pytest.fixture(scope="module")
def names(cafe):
    """User names, by the local part of the email address."""
    users = cafe.aws.client("cognito-idp").list_users(UserPoolId=cafe.outputs["userPoolId"])["Users"]
    addresses = {
        attribute["Value"]: user["Username"]
        for user in users
        for attribute in user["Attributes"]
        if attribute["Name"] == "email"
    }
    return {address.partition("@")[0]: name for address, name in addresses.items()}


@pytest.fixture(scope="module")
def issuer(cafe, names):
    issuer = Issuer(cafe, names["ann"], names["bob"])
    functions = cafe.aws.client("lambda")
    name = cafe.outputs["authorizerLambda"]
    environment = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    with urllib.request.urlopen(environment["JWKS_URL"]) as answer:
        key_set = {"keys": [*json.load(answer)["keys"], issuer.pool.jwk(KID)]}

    class KeyServer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(key_set).encode())

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), KeyServer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": {**environment, "JWKS_URL": url}}
        )
        yield issuer
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": environment})
        server.shutdown()


@pytest.fixture(scope="module")
def orders(cafe, names):
    """An order id of each customer, by user name."""
    found = {}
    for who in ("ann", "bob"):
        listed = cafe.api.get("orders", headers=cafe.sign_in(who)).json()
        found[names[who]] = listed[0]["id"]
    return found


class Case(NamedTuple):
    """A token, and the status of a request for the user's own order."""

    what: str
    token: Callable[[Issuer], str]
    status: int


ACCEPTED = [
    Case("an access token", lambda i: i.access(), 200),
    Case("with Bearer", lambda i: f"Bearer {i.access()}", 200),
    Case("with bEaReR", lambda i: f"bEaReR {i.access()}", 200),
    Case("an id token", lambda i: i.id(), 200),
    Case("expired within the leeway", lambda i: i.access(exp=int(time.time()) - 5), 200),
    Case("not valid before a moment later", lambda i: i.access(nbf=int(time.time()) + 5), 200),
    Case("with other scopes", lambda i: i.access(scope="a b c"), 200),
    Case("without a scope", lambda i: i.access(scope=...), 200),
    Case("with other groups", lambda i: i.access(**{"cognito:groups": ["Staff", "staff ", "admins"]}), 200),
]

REFUSED = [
    Case("garbage", lambda i: "x", 401),
    Case("garbage with dots", lambda i: "x.y.z", 401),
    Case("Basic", lambda i: "Basic YW5uOnB3", 401),
    Case("Bearer alone", lambda i: "Bearer", 401),
    Case("two tokens", lambda i: f"{i.access()} {i.access()}", 401),
    Case("two tokens with a comma", lambda i: f"Bearer {i.access()}, Bearer {i.access()}", 401),
    Case("huge", lambda i: i.access(padding="x" * 20_000, exp=NOW - DAY), 401),
    Case("huge garbage", lambda i: ".".join(["x" * 5000] * 3), 401),
    Case("algorithm none", lambda i: i.unsigned(alg="none"), 401),
    Case("algorithm None", lambda i: i.unsigned(alg="None"), 401),
    Case("no algorithm", lambda i: i.unsigned(), 401),
    Case("HS256 signed with the public key", lambda i: i.pool.signed_with_the_public_key(), 401),
    Case("RS512 with the right key", lambda i: i.access(algorithm="RS512"), 401),
    Case("another key with our key id", lambda i: i.access(key=i.pool.other_key), 401),
    Case("an unknown key id", lambda i: i.access(kid="another"), 401),
    Case("a key id that is a path", lambda i: i.access(kid="../../etc/passwd"), 401),
    Case("no key id", lambda i: i.unsigned(alg="RS256", kid=None), 401),
    Case("a key id that is a list", lambda i: i.unsigned(alg="RS256", kid=[KID]), 401),
    Case("a tampered payload", lambda i: i.tampered(), 401),
    Case("a truncated signature", lambda i: i.access()[:-8], 401),
    Case("no signature", lambda i: i.access().rpartition(".")[0] + ".", 401),
    Case("expired", lambda i: i.access(exp=NOW - 60), 401),
    Case("expired long ago", lambda i: i.access(exp=NOW - DAY), 401),
    Case("no expiry", lambda i: i.access(exp=...), 401),
    Case("an expiry that is text", lambda i: i.access(exp="soon"), 401),
    Case("not yet valid", lambda i: i.access(nbf=NOW + DAY), 401),
    Case("issued tomorrow", lambda i: i.access(iat=NOW + DAY), 401),
    Case("another pool", lambda i: i.access(iss=i.iss + "x"), 401),
    Case("another region", lambda i: i.access(iss=i.iss.replace("us-east-1.", "eu-west-1.")), 401),
    Case("no issuer", lambda i: i.access(iss=...), 401),
    Case("another client", lambda i: i.access(client_id="another"), 401),
    Case("no client", lambda i: i.access(client_id=...), 401),
    Case("an id token for another client", lambda i: i.id(aud="another"), 401),
    Case("an id token for several clients", lambda i: i.id(aud=["another", i.client]), 401),
    Case("an id token with token_use access", lambda i: i.id(token_use="access"), 401),
    Case("an access token with token_use id", lambda i: i.access(token_use="id"), 401),
    Case("a refresh token", lambda i: i.access(token_use="refresh"), 401),
    Case("no token_use", lambda i: i.access(token_use=...), 401),
    Case("no user", lambda i: i.access(username=...), 401),
    Case("an empty user", lambda i: i.access(username=""), 401),
    Case("a user that is a number", lambda i: i.access(username=7), 401),
    Case("groups that are text", lambda i: i.access(**{"cognito:groups": "staff"}), 401),
]


PHOTOS_AND_INVOICES = [route for route in ROUTES if route.access == "account" and "orders" not in route.path]

UNUSED_ID = "0" * 12 + "-" + "0" * 20
"""A valid but unused photo or invoice id."""


@pytest.fixture(scope="module")
def kept(cafe, names):
    """The paths of a photo and an invoice of each customer, by user name."""
    found = {}
    for who in ("ann", "bob"):
        headers = cafe.sign_in(who)
        photo = cafe.api.post("form", json={"userid": names[who], "photo": encoded(picture())}, headers=headers)
        cakes = {"description": "Two cakes", "amount": 4200, "currency": "EUR"}
        invoice = cafe.api.post("invoices", json=cakes, headers=headers)
        found[names[who]] = [f"photos/{photo.json()['id']}", f"invoices/{invoice.json()['id']}"]
    return found


def get(cafe, token, customer, order):
    return cafe.api.get(f"orders/{customer}/{order}", headers={"Authorization": token})


@pytest.mark.parametrize("case", [*ACCEPTED, *REFUSED], ids=lambda case: case.what)
def test_a_token_grants_access_to_ones_own_order_or_is_refused(cafe, issuer, orders, case):
    token = case.token(issuer)

    # The second time, the authorizer's answer comes from the cache, if it is cacheable.
    for _ in range(2):
        answer = get(cafe, token, issuer.ann, orders[issuer.ann])
        assert answer.status_code == case.status, answer.text


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case.what)
def test_a_token_grants_access_only_to_ones_own_photos_and_invoices(cafe, issuer, kept, case):
    headers = {"Authorization": case.token(issuer)}
    asked = {path: cafe.api.get(path, headers=headers) for path in [*kept[issuer.ann], "photos", "invoices"]}
    photo, invoice = kept[issuer.bob]
    foreign = [
        ("GET", photo, None),
        ("DELETE", photo, None),
        ("GET", f"photos?userid={issuer.bob}", None),
        ("POST", "form", {"userid": issuer.bob, "photo": encoded(picture())}),
        ("GET", invoice, None),
        ("PATCH", invoice, {"amount": 1}),
        ("DELETE", invoice, None),
        ("POST", f"{invoice}/send", None),
        ("GET", f"{invoice}/ledger", None),
    ]
    answers = {
        (method, path): cafe.api.request(method, path, json=body, headers=headers) for method, path, body in foreign
    }

    assert {path: answer.status_code for path, answer in asked.items()} == dict.fromkeys(asked, 200)
    assert {row: a.status_code for row, a in answers.items() if a.status_code not in (403, 404)} == {}


def path_of(route):
    return route.path.lstrip("/").replace("{id}", UNUSED_ID)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.what)
def test_an_invalid_token_is_a_401_for_photos_and_invoices(cafe, issuer, case):
    headers = {"Authorization": case.token(issuer)}

    assert cafe.api.get(f"photos/{UNUSED_ID}", headers=headers).status_code == 401
    assert cafe.api.post(f"invoices/{UNUSED_ID}/send", headers=headers).status_code == 401


@pytest.mark.long
@pytest.mark.parametrize("route", PHOTOS_AND_INVOICES, ids=lambda route: f"{route.method} {route.path}")
def test_every_photo_and_invoice_route_requires_a_token(cafe, issuer, route):
    tokens = ["", "x", issuer.access(exp=NOW - DAY), issuer.access(key=issuer.pool.other_key), issuer.tampered()]
    asked = [cafe.api.request(route.method, path_of(route), headers={"Authorization": token}) for token in tokens]

    assert [answer.status_code for answer in asked] == [401] * len(tokens)


def test_a_request_without_a_token_is_a_401(cafe, issuer, orders):
    path = f"orders/{issuer.ann}/{orders[issuer.ann]}"

    assert [cafe.api.get(path, headers=headers).status_code for headers in ({}, {"Authorization": ""})] == [401, 401]


FOREIGN = {
    "unchanged": lambda name: name,
    "percent-encoded": lambda name: "".join(f"%{byte:02X}" for byte in name.encode()),
    "double-encoded": lambda name: quote("".join(f"%{byte:02X}" for byte in name.encode())),
    "in uppercase": str.upper,
    "with a wildcard": lambda name: "*",
    "half a wildcard": lambda name: name[:8] + "*",
    "with a question mark": lambda name: name[:-1] + "%3F",
}


@pytest.mark.parametrize("form", FOREIGN)
@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
def test_a_customer_cannot_access_another_customers_order(cafe, issuer, orders, form, method):
    token = {"Authorization": issuer.access(scope=DELETE)}
    body = {"PATCH": {"status": "cancelled"}, "PUT": {"name": "Lemonade", "quantity": 1}}.get(method)
    path = f"orders/{FOREIGN[form](issuer.bob)}/{orders[issuer.bob]}"

    answer = cafe.api.request(method, path, json=body, headers=token)

    assert answer.status_code in (403, 404), answer.text


@pytest.mark.parametrize("username", ["*", "?", "{bob}*", "ann/../{bob}", "{bob}/x", "${{bob}}", "{bob}%2Fx", "%2A"])
def test_no_user_name_escapes_its_policy(cafe, issuer, orders, username):
    token = issuer.access(username=username.format(bob=issuer.bob))

    assert get(cafe, token, issuer.bob, orders[issuer.bob]).status_code == 403


def test_the_customer_in_the_body_and_the_query_is_checked(cafe, issuer):
    headers = {"Authorization": issuer.access()}
    order = {"name": "Lemonade", "quantity": 1, "customer": issuer.bob}

    assert cafe.api.post("orders", json=order, headers=headers).status_code == 403
    assert cafe.api.get(f"orders?customer={issuer.bob}", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("groups", "status"),
    [(["staff"], 200), (["staff", "other"], 200), (["Staff"], 403), (["staffing"], 403), ([], 403)],
)
def test_only_the_staff_group_grants_staff_access(cafe, issuer, orders, groups, status):
    token = issuer.access(**{"cognito:groups": groups})

    assert get(cafe, token, issuer.bob, orders[issuer.bob]).status_code == status


@pytest.mark.parametrize(
    ("make", "status"),
    [
        pytest.param(lambda i: i.access(), 403, id="no scope"),
        pytest.param(lambda i: i.access(scope="order-api/delete_orders"), 403, id="a similar scope"),
        pytest.param(lambda i: i.access(scope="order-api"), 403, id="half the scope"),
        pytest.param(lambda i: i.access(scope=DELETE.upper()), 403, id="the scope in uppercase"),
        pytest.param(lambda i: i.access(**{"cognito:groups": ["staff"]}), 403, id="staff without the scope"),
        pytest.param(lambda i: i.id(scope=DELETE), 403, id="the scope in an id token"),
        pytest.param(lambda i: i.access(scope=f"openid {DELETE}"), 204, id="the scope"),
    ],
)
def test_deleting_requires_the_scope_in_an_access_token(cafe, issuer, make, status):
    placed = cafe.api.post(
        "orders", json={"name": "Lemonade", "quantity": 1}, headers={"Authorization": issuer.access()}
    )
    path = f"orders/{issuer.ann}/{placed.json()['id']}"

    assert cafe.api.delete(path, headers={"Authorization": make(issuer)}).status_code == status


def test_a_cached_authorizer_answer_fits_every_route(cafe, issuer, orders):
    own, foreign = f"orders/{issuer.ann}/{orders[issuer.ann]}", f"orders/{issuer.bob}/{orders[issuer.bob]}"
    customer, staff = issuer.access(), issuer.access(**{"cognito:groups": ["staff"]})
    deleter = issuer.access(scope=DELETE)
    steps = [
        (customer, "GET", own, 200),
        (customer, "GET", foreign, 403),
        (customer, "DELETE", own, 403),
        (staff, "GET", foreign, 200),
        (staff, "DELETE", foreign, 403),
        (deleter, "DELETE", foreign, 403),
        (deleter, "DELETE", f"orders/{issuer.ann}/none", 404),
        (customer, "GET", "orders", 200),
        (f"Bearer {customer}", "GET", foreign, 403),
        (customer[:-6], "GET", own, 401),
    ]
    # Forward and back: on the way back, each answer is cached, possibly from another route.
    for token, method, path, status in [*steps, *reversed(steps)]:
        answer = cafe.api.request(method, path, headers={"Authorization": token})
        assert answer.status_code == status, (method, path, answer.text)


def test_while_the_keys_are_unavailable_nobody_is_signed_out(cafe):
    headers = cafe.sign_in("ann")
    functions, name = cafe.aws.client("lambda"), cafe.outputs["authorizerLambda"]
    environment = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=name, Environment={"Variables": {**environment, "JWKS_URL": "http://127.0.0.1:1/"}}
    )
    try:
        # A new token, so that no earlier answer of the authorizer is cached for it.
        answer = cafe.api.get("orders", headers=cafe.sign_in("bob"))

        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"] == "The token could not be verified. Try again in a moment."
        assert answer.headers["access-control-allow-origin"] == "*"
    finally:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": environment})
    assert cafe.api.get("orders", headers=headers).status_code == 200
