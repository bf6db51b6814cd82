"""Invoices on the running café: from draft to payment, with IAM enforced and concurrent clients."""

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from lambdas.invoices.links import digest
from tests.local.conftest import ROOT, TIMEOUT_SECONDS, eventually, fetch

CAKES = {"description": "Two cakes", "amount": 4200, "currency": "EUR"}
MAILED = {**CAKES, "payerEmail": "payer@example.org"}
CARD = {"method": "card"}


@pytest.fixture(scope="module")
def ann(cafe):
    return cafe.sign_in("ann")


@pytest.fixture(scope="module")
def bob(cafe):
    return cafe.sign_in("bob")


@pytest.fixture(scope="module")
def sam(cafe):
    return cafe.sign_in("sam")


@pytest.fixture
def draft(cafe, ann):
    return lambda body=CAKES, who=ann: cafe.api.post("invoices", json=body, headers=who).json()


@pytest.fixture
def sent(cafe, ann, draft):
    """Sends an invoice without an email. Returns the invoice and its token."""

    def send(body=CAKES):
        answer = cafe.api.post(f"invoices/{draft(body)['id']}/send", headers=ann)
        assert answer.status_code == 200, answer.text
        invoice = answer.json()
        return invoice, invoice["payLink"].rpartition("/")[2]

    return send


def mails(cafe):
    """All emails sent so far, oldest first."""
    messages = fetch(f"http://127.0.0.1:{cafe.port}/_ministack/ses/messages").json()["messages"]
    return [message for account in messages.values() for message in account]


def link_in(message):
    [link] = [line for line in message["BodyText"].splitlines() if line.startswith("http")]
    return link


def kinds(cafe, headers, invoice):
    return [entry["kind"] for entry in cafe.api.get(f"invoices/{invoice['id']}/ledger", headers=headers).json()]


def verified(cafe, *user):
    command = [sys.executable, "-m", "ops", "verify", *user, "--home", str(cafe.home)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)


def test_an_older_client_still_works(cafe, ann):
    """A client without payer emails: it drafts, lists and reads invoices, and delivers the link itself."""
    made = cafe.api.post("invoices", json=CAKES, headers=ann)
    invoice = made.json()

    assert (made.status_code, made.headers["Location"]) == (201, f"/dev/invoices/{invoice['id']}")
    assert invoice["id"] in [each["id"] for each in cafe.api.get("invoices", headers=ann).json()]
    assert cafe.api.get(f"invoices/{invoice['id']}", headers=ann).json() == invoice
    link = cafe.api.post(f"invoices/{invoice['id']}/send", headers=ann).json()["payLink"]
    assert cafe.api.post(f"pay/{link.rpartition('/')[2]}", json=CARD).json()["status"] == "paid"
    assert cafe.api.get(f"invoices/{invoice['id']}", headers=ann).json()["method"] == "card"


def test_a_customers_invoice_is_not_mailed(cafe, ann, draft):
    before = len(mails(cafe))

    answer = cafe.api.post(f"invoices/{draft(MAILED)['id']}/send", headers=ann).json()

    assert (answer["mailed"], answer["payLink"].startswith(cafe.outputs["webappUrl"])) == (False, True)
    assert len(mails(cafe)) == before


@pytest.fixture(scope="module")
def mailer(cafe):
    """A customer whom staff have approved."""
    email = "bob@example.com"
    pool = cafe.outputs["userPoolId"]
    cognito = cafe.aws.client("cognito-idp")
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName="mailers")
    yield cafe.sign_in("bob")
    cognito.admin_remove_user_from_group(UserPoolId=pool, Username=email, GroupName="mailers")


@pytest.mark.parametrize("who", ["sam", "mailer"])
def test_the_payer_gets_an_email_with_a_link_that_works_on_the_site(cafe, request, draft, who):
    payee = request.getfixturevalue(who)
    answer = cafe.api.post(f"invoices/{draft(MAILED, payee)['id']}/send", headers=payee).json()
    message = mails(cafe)[-1]
    link = urlsplit(link_in(message))

    assert (answer["mailed"], "payLink" in answer) == (True, False)
    assert (message["Source"], message["To"]) == ("cafe@example.com", ["payer@example.org"])
    assert f"{link.scheme}://{link.netloc}/" == cafe.outputs["webappUrl"]
    page = fetch(f"http://127.0.0.1:{cafe.port}{link.path}", headers={"Host": link.netloc})
    assert (page.status_code, page.json()["amount"], page.json()["status"]) == (200, 4200, "sent")
    assert not {"userId", "payerEmail", "id"} & page.json().keys()
    browser = fetch(page.url, headers={"Host": link.netloc, "Accept": "text/html"})
    token = link.path.rpartition("/")[2]
    assert (browser.status_code, browser.headers["Location"]) == (303, f"{cafe.outputs['webappUrl']}pay.html#{token}")


def test_no_table_stores_the_token_of_a_link(cafe, sent):
    _, token = sent()
    client = cafe.aws.client("dynamodb")
    names = [cafe.outputs[f"{name}TableName"] for name in ("invoices", "ledger", "ledgerHeads")]
    kept = "".join(json.dumps(client.scan(TableName=name)["Items"]) for name in names)

    assert digest(token) in kept
    assert token not in kept


@pytest.mark.parametrize("amount", [42.5, 42.0, "4200", "42.00", 0, -1, 10**12 + 1, None, True])
def test_an_invalid_amount_is_refused(cafe, ann, draft, amount):
    invoice = draft()

    assert cafe.api.post("invoices", json={**CAKES, "amount": amount}, headers=ann).status_code == 400
    assert cafe.api.patch(f"invoices/{invoice['id']}", json={"amount": amount}, headers=ann).status_code == 400


@pytest.mark.parametrize("currency", ["XXX", "DEM", "eur", "EURO", ""])
def test_an_unknown_currency_is_refused(cafe, ann, currency):
    assert cafe.api.post("invoices", json={**CAKES, "currency": currency}, headers=ann).status_code == 400


def test_another_users_invoice_is_not_found_by_any_operation(cafe, ann, bob, draft):
    invoice = draft()
    path = f"invoices/{invoice['id']}"

    answers = [
        cafe.api.get(path, headers=bob),
        cafe.api.patch(path, json={"amount": 1}, headers=bob),
        cafe.api.post(f"{path}/send", headers=bob),
        cafe.api.delete(path, headers=bob),
        cafe.api.get(f"{path}/ledger", headers=bob),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert invoice["id"] not in [each["id"] for each in cafe.api.get("invoices?limit=100", headers=bob).json()]
    assert cafe.api.get(path, headers=ann).json() == invoice
    assert cafe.api.get(path).status_code == 401


def test_a_draft_can_be_changed_and_deleted(cafe, ann, draft):
    path = f"invoices/{draft()['id']}"

    changed = cafe.api.patch(path, json={"amount": 1, "payerEmail": "a@b.cd"}, headers=ann).json()

    assert (changed["amount"], changed["payerEmail"], changed["description"]) == (1, "a@b.cd", "Two cakes")
    assert [cafe.api.delete(path, headers=ann).status_code for _ in range(2)] == [204, 404]


def test_a_sent_invoice_can_be_voided_permanently(cafe, ann, sent):
    invoice, token = sent()
    path = f"invoices/{invoice['id']}"

    assert cafe.api.patch(path, json={"amount": 1}, headers=ann).status_code == 409
    assert [cafe.api.delete(path, headers=ann).json()["status"] for _ in range(2)] == ["void", "void"]
    assert [cafe.api.get(f"pay/{token}").status_code, cafe.api.post(f"pay/{token}", json=CARD).status_code] == [
        409,
        409,
    ]
    assert kinds(cafe, ann, invoice) == ["created", "sent", "voided"]


def test_only_ones_own_photo_can_be_attached(cafe, ann, bob):
    sub = {
        name: cafe.aws.client("cognito-idp").admin_get_user(
            UserPoolId=cafe.outputs["userPoolId"], Username=f"{name}@example.com"
        )["Username"]
        for name in ("ann", "bob")
    }
    from tests.lambdas.photos.files import encoded, picture

    body = {"userid": sub["ann"], "photo": encoded(picture("GIF", (1, 1)))}
    photo = cafe.api.post("form", json=body, headers=ann).json()["id"]

    assert cafe.api.post("invoices", json={**CAKES, "attachment": photo}, headers=ann).json()["attachment"] == photo
    refused = cafe.api.post("invoices", json={**CAKES, "attachment": photo}, headers=bob)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "attachment")


def test_lists_can_be_paged_and_filtered_by_status(cafe, ann, sam, draft, sent):
    drafts = [draft()["id"] for _ in range(3)]
    invoice, _ = sent()

    first = cafe.api.get("invoices?limit=2&status=draft", headers=ann)
    second = cafe.api.get(first.links["next"]["url"], headers=ann)
    assert [each["id"] for each in first.json()] + [second.json()[0]["id"]] == drafts[::-1]
    assert cafe.api.get("invoices?limit=1", headers=sam).json()[0]["id"] == invoice["id"]
    assert {each["status"] for each in cafe.api.get("invoices?status=sent", headers=sam).json()} == {"sent"}


def test_concurrent_payments_charge_once(cafe, ann, sent):
    invoice, token = sent()

    with ThreadPoolExecutor(16) as pool:
        keys = [{"Idempotency-Key": str(n // 2)} for n in range(16)]
        answers = list(pool.map(lambda key: cafe.api.post(f"pay/{token}", json=CARD, headers=key), keys))

    assert Counter(answer.status_code for answer in answers) == {200: 16}
    assert len({answer.text for answer in answers}) == 1
    assert kinds(cafe, ann, invoice) == ["created", "sent", "paid"]
    assert cafe.api.delete(f"invoices/{invoice['id']}", headers=ann).status_code == 409


@pytest.mark.parametrize("_", range(5))
def test_of_concurrent_payments_and_withdrawals_one_kind_wins(cafe, ann, sent, _):
    invoice, token = sent()
    pay = lambda: cafe.api.post(f"pay/{token}", json=CARD)  # noqa: E731
    withdraw = lambda: cafe.api.delete(f"invoices/{invoice['id']}", headers=ann)  # noqa: E731

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda call: call().status_code, [pay, withdraw] * 4))

    status = cafe.api.get(f"invoices/{invoice['id']}", headers=ann).json()["status"]
    assert statuses == ([200, 409] if status == "paid" else [409, 200]) * 4
    assert kinds(cafe, ann, invoice)[2:] == ["paid" if status == "paid" else "voided"]


@pytest.mark.long
def test_concurrent_writers_leave_a_consistent_ledger(cafe, ann, draft):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: draft({**CAKES, "amount": n + 1}), range(24)))
        list(pool.map(lambda each: cafe.api.post(f"invoices/{each['id']}/send", headers=ann), made))

    assert len({each["id"] for each in made}) == 24
    done = verified(cafe)
    assert (done.returncode, done.stderr) == (0, "")
    assert "is invalid" not in done.stdout


def test_a_filled_order_creates_one_draft_of_the_cafe(cafe, ann, sam):
    order = cafe.api.post("orders", json={"items": [{"name": "Cappuccino", "qty": 2}]}, headers=ann).json()
    path = f"orders/{order['customer']}/{order['id']}"
    eventually(lambda: cafe.api.get(path, headers=ann).json()["status"] == "accepted")
    for status in ("ready", "filled"):
        assert cafe.api.patch(path, json={"status": status}, headers=sam).status_code == 200

    def of_order():
        invoices = cafe.api.get("invoices?limit=100&status=draft", headers=sam).json()
        return [each for each in invoices if each.get("orderId") == order["id"]]

    eventually(of_order)
    [invoice] = of_order()
    assert (invoice["userId"], invoice["amount"], invoice["currency"]) == ("cafe", 680, "EUR")
    assert cafe.api.get(f"invoices/{invoice['id']}", headers=ann).status_code == 404
    # Staff act on behalf of the café.
    link = cafe.api.post(f"invoices/{invoice['id']}/send", headers=sam).json()["payLink"]
    assert cafe.api.post(f"pay/{link.rpartition('/')[2]}", json=CARD).json()["status"] == "paid"
    assert kinds(cafe, sam, invoice) == ["created", "sent", "paid"]


def test_tampering_with_the_ledger_is_detected(cafe):
    """Runs last and on its own payee, as a broken ledger stays broken."""
    client, names = cafe.aws.client("dynamodb"), [cafe.outputs["ledgerTableName"], cafe.outputs["ledgerHeadsTableName"]]
    stray = {"userId": {"S": "nobody"}, "sequence": {"N": "1"}}
    client.put_item(TableName=names[0], Item=stray)

    try:
        done = verified(cafe, "nobody")
    finally:
        client.delete_item(TableName=names[0], Key=stray)

    assert (done.returncode, done.stdout.partition(": it")[0]) == (1, "nobody: entry 1 is invalid")
