"""`up --record`, `console` and `replay` on a running café: everything is recorded, and no secret with it."""

import base64
import hashlib
import json
import re
import secrets
import stat
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from lambdas.api.routes import ROUTES
from local.cafe.seed import PASSWORD, api_client
from local.emulator_client import Aws
from tests.local.conftest import TIMEOUT_SECONDS, Cafe, eventually, fetch, local
from tests.local.screen import connected

pytestmark = pytest.mark.long

NEW_PASSWORD = 'Cafe-local-2-é"\\'
COFFEE = {"items": [{"name": "Espresso", "type": "coffee", "qty": 1}]}
MAILED = {"description": "Two cakes", "amount": 4200, "currency": "EUR", "payerEmail": "payer@example.org"}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("recorded") / "records.jsonl"


@pytest.fixture(scope="module")
def cafe(file):
    home = file.parent / "home"
    try:
        started = local("up", "--detach", "--home", str(home), "--record", str(file), "--config", "openOrders=0")
        assert started.returncode == 0, started.stderr
        outputs = json.loads(local("output", "--json", "--home", str(home)).stdout)
        port = urlsplit(outputs["apiUrl"]).port
        with api_client(outputs["apiUrl"], port) as api:
            yield Cafe(home, outputs, port, api, Aws(f"http://localhost:{port}", "us-east-1"))
    finally:
        assert local("down", "--home", str(home)).returncode == 0


@pytest.fixture(scope="module")
def records(file):
    return lambda: [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


class Tour:
    """Uses every route, and the hosted pages, and notes each secret on the way."""

    def __init__(self, cafe):
        self.cafe, self.secrets = cafe, {PASSWORD, NEW_PASSWORD}
        [key] = cafe.aws.client("apigateway").get_api_keys(includeValues=True)["items"]
        self.secrets.add(key["value"])

    def signed_in(self, email, password=PASSWORD):
        tokens = self.cafe.api.post("authenticate", json={"username": email, "password": password}).json()
        self.secrets |= {tokens["token"], tokens["idToken"], tokens["refreshToken"]}
        return {"Authorization": f"Bearer {tokens['token']}"}, tokens

    def sign_in(self):
        api = self.cafe.api
        api.post("authenticate", json={"username": "ann@example.com", "password": "Wrong-password-1"})
        self.secrets.add("Wrong-password-1")
        self.ann, tokens = self.signed_in("ann@example.com")
        self.sam, _ = self.signed_in("sam@example.com")
        renewed = api.post("authenticate", json={"refreshToken": tokens["refreshToken"]})
        self.secrets.add(renewed.json()["token"])
        self.customer = jwt.decode(tokens["token"], options={"verify_signature": False})["username"]
        self.identity(tokens["idToken"])

    def identity(self, token):
        """Temporary credentials of the identity pool, as the ledger's clients get them."""
        identities, pool = self.cafe.aws.client("cognito-identity"), self.cafe.outputs["identityPoolId"]
        issuer = f"cognito-idp.us-east-1.amazonaws.com/{self.cafe.outputs['userPoolId']}"
        id_ = identities.get_id(IdentityPoolId=pool, Logins={issuer: token})["IdentityId"]
        given = identities.get_credentials_for_identity(IdentityId=id_, Logins={issuer: token})["Credentials"]
        self.secrets |= {given["SecretKey"], given["SessionToken"]}

    def sign_up(self):
        cognito, client = self.cafe.aws.client("cognito-idp"), self.cafe.outputs["userPoolClientId"]
        email = f"{secrets.token_hex(4)}@example.com"
        cognito.sign_up(
            ClientId=client, Username=email, Password=NEW_PASSWORD, UserAttributes=[{"Name": "email", "Value": email}]
        )
        mails = fetch(f"http://127.0.0.1:{self.cafe.port}/_ministack/ses/messages").json()["messages"]
        [mail] = [mail for account in mails.values() for mail in account if mail["To"] == [email]]
        [code] = re.findall(r"\d{6}", mail["BodyText"])
        self.secrets.add(code)
        cognito.confirm_sign_up(ClientId=client, Username=email, ConfirmationCode=code)
        self.signed_in(email, NEW_PASSWORD)

    def hosted_pages(self):
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        site, client = self.cafe.outputs["webappUrl"], self.cafe.outputs["userPoolClientId"]
        with httpx.Client(base_url=f"http://127.0.0.1:{self.cafe.port}", trust_env=False) as pages:
            query = {
                "client_id": client,
                "response_type": "code",
                "scope": "openid",
                "redirect_uri": site,
                "code_challenge": challenge,
                "code_challenge_method": "S256",
            }
            page = pages.get("/oauth2/authorize", params=query)
            fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
            [action] = re.findall(r'<form method="POST" action="([^"]+)"', page.text)
            redirect = pages.post(action, data={**fields, "username": "ann@example.com", "password": PASSWORD})
            [code] = parse_qs(urlsplit(redirect.headers["Location"]).query)["code"]
            body = {"grant_type": "authorization_code", "client_id": client, "code": code, "redirect_uri": site}
            tokens = pages.post("/oauth2/token", data={**body, "code_verifier": verifier}).json()
        self.secrets |= {code, verifier, tokens["access_token"], tokens["refresh_token"], tokens["id_token"]}

    def orders(self):
        api, ann = self.cafe.api, self.ann
        guest = api.post("guests", json={}).json()["token"]
        again = api.post("guests", json={"token": guest}).json()["token"]
        self.secrets |= {guest, again}
        api.post("orders", json=COFFEE, headers={"Authorization": f"Bearer {guest}"})
        order = api.post("orders", json=COFFEE, headers=ann).json()
        path = f"orders/{order['customer']}/{order['id']}"
        api.post("orders/queued", json=COFFEE, headers=ann)
        for method in ("GET", "HEAD"):
            api.request(method, "orders", headers=ann)
            api.request(method, path, headers=ann)
        api.put(path, json=COFFEE, headers=ann)
        api.patch(path, json={"status": "cancelled"}, headers=ann)
        api.delete(path, headers=ann)

    def staff(self):
        api, sam = self.cafe.api, self.sam
        display = api.post("displays", json={}, headers=sam).json()
        self.secrets.add(display["token"])
        api.get("displays", headers=sam)
        api.get("display", headers={"Authorization": display["token"]})
        with suppress(Exception), connected(self.cafe.outputs, display["token"]) as screen:
            screen.subscribe("/orders/display", display["token"])
        api.delete(f"displays/{display['id']}", headers=sam)
        api.get("menu")
        api.get("cafe")
        api.patch("cafe", json={"open": True}, headers=sam)
        api.put("menu/Tea%20of%20the%20tour", json={"type": "tea", "price": 100}, headers=sam)
        api.delete("menu/Tea%20of%20the%20tour", headers=sam)

    def photos(self):
        api, ann = self.cafe.api, self.ann
        reserved = api.post("photos", json={"contentType": "image/png", "size": 100}, headers=ann).json()
        self.secrets |= {value for name, value in reserved["fields"].items() if "signature" in name or "token" in name}
        httpx.post(reserved["url"], data=reserved["fields"], files={"file": b"text"}, trust_env=False)
        api.post("form", json={"userid": self.customer, "photo": base64.b64encode(b"none").decode()}, headers=ann)
        for photo in api.get("photos", headers=ann).json():
            self.secrets |= {*parse_qs(urlsplit(photo.get("url") or "").query).get("X-Amz-Signature", [])}
        api.get(f"photos/{reserved['id']}", headers=ann)
        api.delete(f"photos/{reserved['id']}", headers=ann)

    def invoices(self):
        api, ann, sam = self.cafe.api, self.ann, self.sam
        for who in (ann, sam):
            invoice = api.post("invoices", json=MAILED, headers=who).json()
            path = f"invoices/{invoice['id']}"
            api.patch(path, json={"amount": 4300}, headers=who)
            sent = api.post(f"{path}/send", headers=who).json()
            for method, rest in (("GET", ""), ("GET", "/ledger"), ("DELETE", "")):
                api.request(method, f"{path}{rest}", headers=who)
            if link := sent.get("payLink"):
                self.pay(link.rpartition("/")[2])
        api.get("invoices", headers=ann)
        mails = fetch(f"http://127.0.0.1:{self.cafe.port}/_ministack/ses/messages").json()["messages"]
        for mail in (mail for account in mails.values() for mail in account):
            for token in re.findall(r"/pay/([\w-]{43})", mail["BodyText"]):
                self.pay(token)

    def pay(self, token):
        self.secrets.add(token)
        self.cafe.api.get(f"pay/{token}")
        self.cafe.api.get(f"pay/{token}", headers={"Accept": "text/html"})
        self.cafe.api.post(f"pay/{token}", json={"method": "card"})

    def through_the_site(self):
        site = urlsplit(self.cafe.outputs["webappUrl"])
        for path in ("", "api.json", "dev/menu", "dev/orders"):
            headers = {"Host": site.netloc, **self.ann}
            httpx.get(
                f"http://127.0.0.1:{self.cafe.port}/{path}", headers=headers, trust_env=False, timeout=TIMEOUT_SECONDS
            )


@pytest.fixture(scope="module")
def tour(cafe, records):
    tour = Tour(cafe)
    for part in ("sign_in", "sign_up", "hosted_pages", "orders", "staff", "photos", "invoices", "through_the_site"):
        getattr(tour, part)()
    end = cafe.api.get("cafe").headers["x-amzn-requestid"]
    eventually(lambda: any(end in record["answer_headers"] for record in records()))
    return tour


def test_every_route_is_recorded(tour, records):
    asked = {record["title"] for record in records() if record["kind"] == "request"}
    for route in ROUTES:
        pattern = re.compile(f"{route.method} " + re.sub(r"\{\w+\}", "[^/]+", route.path))
        assert any(pattern.fullmatch(title) for title in asked), route


def test_every_kind_of_thing_is_recorded(tour, records):
    kinds = {record["kind"] for record in records()}
    assert kinds == {"request", "call", "invocation", "message", "stream", "topic", "live", "mail"}


@pytest.mark.parametrize("form", ["plain", "json", "percent", "base64"])
def test_no_secret_of_any_route_is_recorded(tour, file, form):
    """Also not in other ways of writing it, nor a part of it."""
    recorded = file.read_text(encoding="utf-8")
    forms = {
        "plain": lambda it: it,
        "json": lambda it: json.dumps(it)[1:-1],
        "percent": lambda it: httpx.QueryParams({"x": it}).__str__()[2:],
        "base64": lambda it: base64.b64encode(it.encode()).decode().rstrip("="),
    }
    assert len(tour.secrets) > 20
    # The code of a mail has six digits, which can also be part of a time.
    found = [it for it in tour.secrets if len(it) > 6 and forms[form](it) in recorded]
    assert [(it, recorded[(at := recorded.index(forms[form](it))) - 200 : at + 50]) for it in found] == []
    for code in (it for it in tour.secrets if len(it) == 6):
        assert not re.search(rf"ode[^0-9]{{1,20}}{code}\b", recorded)


def test_the_file_is_for_this_user_only(tour, file):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


class TestReplay:
    def test_a_recorded_call_is_repeated(self, cafe, tour, records):
        [call] = [it for it in records() if it["target"] == "get_orders" and it["kind"] == "invocation"][:1]
        for id_ in (str(call["id"]), call["ids"][0]):
            ended = local("replay", id_, "--home", str(cafe.home))
            assert ended.returncode == 0, ended.stderr
            assert json.loads(ended.stdout)["statusCode"] == 200
            assert re.match(r"secrets are not recorded: the event has \[redacted\] in \d+ places\n", ended.stderr)

    @pytest.mark.parametrize("function", ["authenticate", "authorize", "authorize_live"])
    def test_functions_that_need_secrets_are_refused(self, cafe, tour, records, function):
        [call] = [it for it in records() if it["target"] == function and it["kind"] == "invocation"][:1]
        ended = local("replay", call["ids"][0], "--home", str(cafe.home))
        assert (ended.returncode, ended.stdout) == (1, "")
        assert ended.stderr == f"calls of {function} cannot be replayed: their secrets are not recorded\n"

    def test_an_unknown_id_is_refused(self, cafe):
        ended = local("replay", "2b579975-0a35-4826-ba45-fbb4e9f675f6", "--home", str(cafe.home))
        assert ended.returncode == 1
        assert "there is no record 2b579975" in ended.stderr


class TestConsole:
    def test_it_prints_its_address_and_stays_there(self, cafe):
        first, second = (local("console", "--home", str(cafe.home)) for _ in range(2))
        assert first.stdout == second.stdout
        assert re.fullmatch(r"http://localhost:\d+/\n", first.stdout)
        assert "console" in fetch(first.stdout.strip()).text

    def test_it_is_no_part_of_the_stack(self, cafe):
        address = local("console", "--home", str(cafe.home)).stdout.strip()
        assert str(urlsplit(address).port) not in json.dumps(cafe.outputs)

    def test_without_a_run_there_is_none(self, tmp_path):
        ended = local("console", "--home", str(tmp_path))
        assert (ended.returncode, ended.stdout) == (1, "")
        assert "nothing is running in" in ended.stderr


def test_a_file_that_cannot_be_written_starts_nothing(tmp_path):
    ended = local("up", "--home", str(tmp_path / "home"), "--record", str(tmp_path / "missing" / "file"))
    assert ended.returncode == 1
    assert ended.stderr == f"--record {tmp_path / 'missing' / 'file'} cannot be written: No such file or directory\n"
