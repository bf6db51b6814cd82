"""The site at `http://localhost`, for browsers that do not resolve `*.localhost`."""

import io
import json
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from local.cafe.seed import PASSWORD
from tests.local.conftest import eventually
from tests.site.conftest import PHONE
from tests.site.steps import orders, place_order, put_in_cart, sign_in_form

pytestmark = pytest.mark.long


@pytest.fixture(scope="session")
def site_url(cafe):
    port = json.loads((cafe.home / "control.json").read_text())["plainPort"]
    return f"http://localhost:{port}/"


@pytest.fixture
def hosts(new_context, page_errors):
    """A context, and the hosts that its pages have asked for."""
    asked = set()
    context = new_context(**PHONE)
    context.on("request", lambda request: asked.add(re.sub(r"^\w+://([^/]*)/.*", r"\1", request.url)))
    return context, asked


def test_no_other_name_is_needed_to_order_live(hosts, site_url, cafe):
    context, asked = hosts
    sockets = []
    page = context.new_page()
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto(site_url)
    put_in_cart(page, "Espresso")
    page.get_by_label("Your name").fill("Zoë")
    place_order(page)

    expect(orders(page)).to_contain_text("Accepted")
    expect(page.locator("caffe-order-history .live")).to_have_text("Live")
    assert {host.partition(":")[0] for host in asked} <= {"localhost", "127.0.0.1"}
    assert sockets == [site_url.replace("http:", "ws:") + "event/realtime"]


def test_signing_in_on_the_hosted_page_returns_here(new_page, customer, site_url):
    page = new_page()
    sign_in_form(page).get_by_role("button", name="Sign in on the account page").click()
    page.wait_for_url("**/oauth2/authorize?**")
    page.locator("[name=username]").fill(f"{customer}@example.com")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    expect(page.locator("caffe-account")).to_contain_text(f"{customer}@example.com")
    assert page.url == site_url


UPLOAD = """async ([{url, fields}, bytes]) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([Uint8Array.from(bytes)]));
  return (await fetch(url, {method: 'POST', body: form})).status;
}"""


def test_files_are_uploaded_to_the_bucket_from_here(new_page, cafe):
    headers = cafe.sign_in("ann")
    picture = io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    content = picture.getvalue()
    reserved = cafe.api.post("photos", json={"contentType": "image/png", "size": len(content)}, headers=headers).json()

    status = new_page().evaluate(UPLOAD, [reserved, list(content)])

    assert status == 204
    eventually(lambda: cafe.api.get(f"photos/{reserved['id']}", headers=headers).status_code == 200)
