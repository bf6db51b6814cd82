"""Sign-in, sign-up, token revocation and the permissions boundary, on the running café."""

import base64
import hashlib
import hmac
import json
import re
import secrets
import struct
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from local.cafe.seed import PASSWORD
from tests.local.conftest import TIMEOUT_SECONDS, fetch

NEW_PASSWORD = "Cafe-local-2"


@pytest.fixture(scope="module")
def cognito(cafe):
    return cafe.aws.client("cognito-idp")


def sign_in(cafe, **credentials):
    return cafe.api.post("authenticate", json=credentials)


def make_user(cafe, cognito, **password):
    """Create a user. Without `password`, the password is temporary. Returns the email address."""
    email = f"{secrets.token_hex(4)}@example.com"
    pool = cafe.outputs["userPoolId"]
    attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    cognito.admin_create_user(
        UserPoolId=pool,
        Username=email,
        TemporaryPassword=PASSWORD,
        UserAttributes=attributes,
        MessageAction="SUPPRESS",
    )
    if password:
        cognito.admin_set_user_password(UserPoolId=pool, Username=email, Permanent=True, **password)
    return email


def totp(secret):
    """The current time-based one-time password (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def test_a_new_user_can_sign_in_once_the_address_is_verified(cafe, cognito):
    email = f"{secrets.token_hex(4)}@example.com"
    client = cafe.outputs["userPoolClientId"]
    attributes = [{"Name": "email", "Value": email}]
    cognito.sign_up(ClientId=client, Username=email, Password=PASSWORD, UserAttributes=attributes)
    before = sign_in(cafe, username=email, password=PASSWORD)

    sent = fetch(f"http://127.0.0.1:{cafe.port}/_ministack/ses/messages").json()["messages"]
    [mail] = [mail for mails in sent.values() for mail in mails if mail["To"] == [email]]
    [code] = re.findall(r"\d{6}", mail["BodyText"])
    cognito.confirm_sign_up(ClientId=client, Username=email, ConfirmationCode=code)

    assert before.status_code == 401
    assert sign_in(cafe, username=email, password=PASSWORD).status_code == 200


def test_a_weak_password_is_refused(cafe, cognito):
    weak = ["Short-1a", "no-capitals-1", "NO-SMALL-ONES-1", "No-digits-here", "NoSymbolsHere1"]

    for password in weak:
        with pytest.raises(cognito.exceptions.InvalidPasswordException):
            cognito.sign_up(ClientId=cafe.outputs["userPoolClientId"], Username="weak@example.com", Password=password)


def test_a_temporary_password_is_changed_at_the_same_path(cafe, cognito):
    email = make_user(cafe, cognito)

    asked = sign_in(cafe, username=email, password=PASSWORD)
    assert (asked.status_code, asked.json()["challenge"]) == (409, "NEW_PASSWORD_REQUIRED")
    session = asked.json()["session"]
    changed = sign_in(cafe, username=email, session=session, newPassword=NEW_PASSWORD)

    assert changed.status_code == 200
    assert sign_in(cafe, username=email, password=NEW_PASSWORD).status_code == 200
    assert sign_in(cafe, username=email, password=PASSWORD).status_code == 401


def test_mfa_is_answered_at_the_same_path(cafe, cognito):
    email = make_user(cafe, cognito, Password=PASSWORD)
    token = sign_in(cafe, username=email, password=PASSWORD).json()["accessToken"]
    secret = cognito.associate_software_token(AccessToken=token)["SecretCode"]
    cognito.verify_software_token(AccessToken=token, UserCode=totp(secret))
    cognito.set_user_mfa_preference(AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True})

    asked = sign_in(cafe, username=email, password=PASSWORD)
    assert (asked.status_code, asked.json()["challenge"]) == (409, "SOFTWARE_TOKEN_MFA")
    answered = sign_in(cafe, username=email, session=asked.json()["session"], code=totp(secret))

    assert answered.status_code == 200
    assert cafe.api.get("orders", headers={"Authorization": answered.json()["token"]}).json() == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "ann@example.com"},
        {"username": "ann@example.com", "password": ""},
        {"username": "ann@example.com", "password": PASSWORD, "refreshToken": "x"},
        {"username": "ann@example.com", "session": "x" * 20},
        {"username": "ann@example.com", "session": "x" * 20, "code": "12345"},
        {"username": "ann@example.com", "session": "x" * 20, "code": "123456", "newPassword": NEW_PASSWORD},
        {"username": ["ann@example.com"], "password": PASSWORD},
        {"username": "ann@example.com", "password": PASSWORD, "surprise": 1},
        [],
        None,
    ],
)
def test_a_bad_body_is_a_400(cafe, body):
    for content_type in ("application/json", "text/plain"):
        answer = cafe.api.post("authenticate", content=json.dumps(body), headers={"Content-Type": content_type})
        assert answer.status_code == 400, answer.text


def test_response_time_does_not_reveal_accounts(cafe):
    def seconds(username):
        started = time.perf_counter()
        assert sign_in(cafe, username=username, password="Wrong-password-1").status_code == 401
        return time.perf_counter() - started

    def slower():
        """How often, of 50 times, the response for an existing account takes longer."""
        known, unknown = [], []
        for _ in range(50):
            known.append(seconds("ann@example.com"))
            unknown.append(seconds("nobody@example.com"))
        return sum(a > b for a, b in zip(known, unknown, strict=True))

    seconds("ann@example.com")  # the first call starts the function

    # A timing leak would differ clearly from a coin toss in every try: 50 tosses are outside 13 to 37 once in 1,000,
    # and four times in a row once in 10^12.
    assert any(13 <= slower() <= 37 for _ in range(4))


def test_a_revoked_refresh_token_is_refused(cafe, cognito):
    tokens = sign_in(cafe, username="bob@example.com", password=PASSWORD).json()
    before = sign_in(cafe, refreshToken=tokens["refreshToken"])

    cognito.revoke_token(Token=tokens["refreshToken"], ClientId=cafe.outputs["userPoolClientId"])

    assert before.status_code == 200
    assert sign_in(cafe, refreshToken=tokens["refreshToken"]).status_code == 401


def test_a_former_staff_member_signs_in_as_a_customer(cafe, cognito):
    email = make_user(cafe, cognito, Password=PASSWORD)
    member = {"UserPoolId": cafe.outputs["userPoolId"], "Username": email, "GroupName": "staff"}

    def sees_everyones_orders():
        token = sign_in(cafe, username=email, password=PASSWORD).json()["token"]
        return cafe.api.get("orders", headers={"Authorization": token}).json() != []

    cognito.admin_add_user_to_group(**member)
    assert sees_everyones_orders()
    cognito.admin_remove_user_from_group(**member)
    assert not sees_everyones_orders()


class HostedPages:
    """Uses Cognito's hosted sign-in pages like a browser: gets a code with PKCE (RFC 7636), then tokens."""

    def __init__(self, cafe, client):
        self._http = client
        self._client = cafe.outputs["userPoolClientId"]
        self._site = cafe.outputs["webappUrl"]
        self.verifier = secrets.token_urlsafe(40)

    def code(self, scope, **changes):
        digest = hashlib.sha256(self.verifier.encode()).digest()
        query = {
            "client_id": self._client,
            "response_type": "code",
            "scope": scope,
            "redirect_uri": self._site,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
            "state": "the state",
            **changes,
        }
        page = self._http.get("/oauth2/authorize", params=query)
        if page.status_code != 200:
            return page
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
        [action] = re.findall(r'<form method="POST" action="([^"]+)"', page.text)
        return self._http.post(action, data={**fields, "username": "ann@example.com", "password": PASSWORD})

    def tokens(self, code, verifier=None):
        return self._http.post(
            "/oauth2/token",
            data={
                "grant_type": "authorization_code",
                "client_id": self._client,
                "code": code,
                "redirect_uri": self._site,
                "code_verifier": verifier or self.verifier,
            },
        )


@pytest.fixture
def pages(cafe):
    with httpx.Client(base_url=f"http://127.0.0.1:{cafe.port}", timeout=TIMEOUT_SECONDS, trust_env=False) as client:
        yield HostedPages(cafe, client)


def code_in(redirect):
    return parse_qs(urlsplit(redirect.headers["Location"]).query)["code"][0]


@pytest.mark.parametrize(("scope", "status"), [("openid order-api/delete_order", 204), ("openid", 403)])
def test_a_token_from_the_hosted_pages_can_delete_only_with_the_scope(cafe, pages, scope, status):
    redirect = pages.code(scope)
    assert redirect.headers["Location"].startswith(cafe.outputs["webappUrl"])
    headers = {"Authorization": f"Bearer {pages.tokens(code_in(redirect)).json()['access_token']}"}
    order = cafe.api.post("orders", json={"name": "Lemonade", "quantity": 1}, headers=headers).json()

    path = f"orders/{order['customer']}/{order['id']}"

    assert cafe.api.delete(path, headers=headers).status_code == status


def test_a_code_requires_the_verifier(pages):
    code = code_in(pages.code("openid"))

    assert pages.tokens(code, verifier="x" * 43).status_code == 400


def test_the_hosted_pages_do_not_redirect_to_other_sites(pages):
    answer = pages.code("openid", redirect_uri="https://stranger.example/")

    assert "stranger.example" not in answer.headers.get("Location", "")


def test_a_function_is_limited_by_the_permissions_boundary(cafe):
    iam = cafe.aws.client("iam")
    ann = cafe.sign_in("ann")
    assert cafe.api.get("orders", headers=ann).status_code == 200
    arn = next(
        policy["Arn"] for policy in iam.list_policies(Scope="Local")["Policies"] if "boundary" in policy["PolicyName"]
    )
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    without = [s for s in document["Statement"] if s["Effect"] == "Deny" or "dynamodb:Query" not in s["Action"]]
    assert len(without) == len(document["Statement"]) - 1

    def put(document):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)

    put({**document, "Statement": without})
    try:
        denied = cafe.api.get("orders", headers=ann)
    finally:
        put(document)

    assert (denied.status_code, denied.json()["detail"]) == (500, "Something went wrong on our side.")
    assert cafe.api.get("orders", headers=ann).status_code == 200
