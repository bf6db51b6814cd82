"""Photos: shrunk in the browser, uploaded with a customer's order, and shown there and on the board."""

import base64
import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.site.small_site import small_site
from tests.site.steps import expect_styles, orders, place_order, put_in_cart

pytestmark = pytest.mark.long

PAGE = """<!doctype html><html lang="en"><title>Photos</title><meta name="viewport" content="width=device-width">
<link rel="icon" href="/favicon.svg"><link rel="stylesheet" href="/app.css">
<body><main><h1>Order</h1></main><p class="message" role="status"></p></body>"""

FAKE_API = """async (photos) => {
  const {CaffeOrderPhoto} = await import('/elements/caffe-order-photo/caffe-order-photo.js');
  customElements.define('caffe-order-photo', CaffeOrderPhoto);
  const refused = (status, message) => Object.assign(new Error(message), {status});
  const api = window.api = {
    list: photos, asked: 0, sent: [], removed: [], failure: null,
    async photos() { this.asked += 1; return this.list; },
    async addPhoto(orderId, blob) {
      this.sent.push([orderId, blob.type, blob.size]);
      await this.held;
      if (this.failure) throw refused(...this.failure);
      const url = `/icons/icon-192.png?${this.sent.length}`;
      this.list = [{id: url, userid: 'ann', orderId, _createdAt: Date.now(), url}, ...this.list];
    },
    async removePhoto(id) {
      if (this.failure) throw refused(...this.failure);
      this.removed.push(id);
    },
  };
  for (const id of ['o1', 'o2']) {
    const element = Object.assign(document.createElement('caffe-order-photo'), {client: api});
    element.setAttribute('order-id', id);
    element.setAttribute('customer', 'ann');
    document.querySelector('main').append(element);
  }
}"""

SHRINK = """async (encoded) => {
  const {shrink} = await import('/lib/photo.js');
  const file = new Blob([Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0))]);
  try {
    const small = await shrink(file);
    const bytes = new Uint8Array(await small.arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  } catch (error) {
    return error.constructor.name;
  }
}"""


@pytest.fixture(scope="module")
def site():
    with small_site() as site:
        site.files["/photos.html"] = PAGE.encode()
        yield site


@pytest.fixture
def open_photos(new_context, site):
    """Opens a page with two orders of one customer and these photos in the fake API."""

    def open_photos(*photos, **options):
        page = new_context(**options).new_page()
        page.goto(site.url + "/photos.html")
        page.evaluate(FAKE_API, list(photos))
        expect_styles(page, "caffe-order-photo.css")
        return page

    return open_photos


def picture(size=(40, 30), format="JPEG", color=(200, 30, 30), mode="RGB", **options):
    buffer = io.BytesIO()
    Image.new(mode, size, color).save(buffer, format, **options)
    return buffer.getvalue()


def file(content, name="photo.jpg", mime="image/jpeg"):
    return {"name": name, "mimeType": mime, "buffer": content}


def photo(id_, order_id, **fields):
    return {
        "id": id_,
        "userid": "ann",
        "orderId": order_id,
        "url": f"/icons/icon-192.png?{id_}",
        "_createdAt": 1,
        **fields,
    }


def of_order(page, id_):
    return page.locator(f"caffe-order-photo[order-id='{id_}']")


def add(place, *chosen):
    place.get_by_label("Add a photo").set_input_files(*chosen)


@pytest.fixture
def shrunk(open_photos):
    """Shrinks a file in the browser. Returns the image or the name of the error."""
    page = open_photos()

    def shrink(content):
        answer = page.evaluate(SHRINK, base64.b64encode(content).decode())
        return answer if answer.isalpha() and len(answer) < 20 else base64.b64decode(answer)

    return shrink


def opened(content):
    image = Image.open(io.BytesIO(content))
    assert image.format == "JPEG"
    return image


def test_a_large_picture_is_shrunk(shrunk):
    small = shrunk(picture((4000, 3000)))
    assert opened(small).size == (1600, 1200)
    assert len(small) < 1_500_000


@pytest.mark.parametrize(("size", "expected"), [((40, 30), (40, 30)), ((1, 1), (1, 1)), ((6000, 1), (1600, 1))])
def test_a_small_picture_keeps_its_size_and_no_side_vanishes(shrunk, size, expected):
    assert opened(shrunk(picture(size, "PNG"))).size == expected


def test_a_picture_that_does_not_compress_is_scaled_down_until_it_fits(shrunk):
    noise = Image.merge("RGB", [Image.effect_noise((1600, 1600), 200) for _ in range(3)])
    buffer = io.BytesIO()
    noise.save(buffer, "PNG", compress_level=0)
    small = shrunk(buffer.getvalue())
    assert len(small) <= 1_500_000
    assert max(opened(small).size) >= 800


def test_a_picture_is_rotated_and_its_exif_data_removed(shrunk):
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: rotate by 90 degrees
    exif.get_ifd(0x8825)[1] = "N"
    small = opened(shrunk(picture((40, 20), exif=exif)))
    assert small.size == (20, 40)
    assert dict(small.getexif()) == {}


def test_transparency_becomes_white(shrunk):
    small = opened(shrunk(picture(format="PNG", mode="RGBA", color=(0, 0, 0, 0))))
    assert min(small.getpixel((5, 5))) > 250


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture()[:30], b"\0" * 9999]
)
def test_a_file_that_is_not_a_picture_is_refused(shrunk, content):
    assert shrunk(content) == "NotAPicture"


def test_a_photo_is_uploaded_with_its_order_and_shown_there(open_photos, inspect):
    page = open_photos()
    page.evaluate("void (api.held = new Promise((go) => (api.release = go)))")
    place = of_order(page, "o1")
    add(place, file(picture((3000, 2000))))
    expect(place.get_by_role("status")).to_have_text("Sending your photo…")
    page.evaluate("api.release()")
    expect(place.get_by_role("status")).to_have_text("Your photo was added to your order.")
    shown = place.get_by_role("img", name="Photo of")
    expect(shown).to_have_js_property("naturalWidth", 192)
    assert of_order(page, "o2").get_by_role("img").count() == 0
    [[order_id, kind, size]] = page.evaluate("api.sent")
    assert (order_id, kind) == ("o1", "image/jpeg")
    assert 0 < size < 1_500_000
    inspect(page, "photo-added")


def test_photos_are_requested_once_and_shown_with_their_orders(open_photos):
    page = open_photos(photo("p1", "o1"), photo("p2", "o1"), photo("p3", "o2"), photo("p4", None))
    expect(of_order(page, "o1").get_by_role("img")).to_have_count(2)
    expect(of_order(page, "o2").get_by_role("img")).to_have_count(1)
    assert page.evaluate("api.asked") == 1


def test_another_user_does_not_see_the_photos(open_photos):
    page = open_photos(photo("p1", "o1"))
    expect(of_order(page, "o1").get_by_role("img")).to_have_count(1)
    page.evaluate("""() => {
      api.list = [];
      const other = Object.assign(document.createElement('caffe-order-photo'), {client: api});
      other.setAttribute('order-id', 'o1');
      other.setAttribute('customer', 'bob');
      document.querySelector('main').replaceChildren(other);
    }""")
    expect(page.get_by_label("Add a photo")).to_have_count(1)
    assert page.evaluate("api.asked") == 2
    assert page.get_by_role("img").count() == 0


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (409, "There is no room for more photos. Remove one first."),
        (413, "That photo is too large. Please choose another one."),
        (415, "We cannot store that kind of file. Please choose another one."),
    ],
)
def test_a_refused_photo_shows_the_reason(open_photos, inspect, status, text):
    page = open_photos()
    page.evaluate("status => (api.failure = [status, 'raw'])", status)
    add(of_order(page, "o1"), file(picture()))
    expect(of_order(page, "o1").get_by_role("alert")).to_have_text(text)
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    inspect(page, f"photo-refused-{status}")


def test_a_file_that_is_not_a_picture_is_not_uploaded(open_photos):
    page = open_photos()
    place = of_order(page, "o1")
    add(place, file(b"hello", "script.png", "image/png"))
    expect(place.get_by_role("alert")).to_have_text(
        "That file cannot be shown as a picture. Please choose another one."
    )
    assert page.evaluate("api.sent") == []
    add(place, file(picture()))
    expect(place.get_by_role("img")).to_have_count(1)
    expect(place.locator(".error")).to_have_text("")


def test_without_a_network_the_upload_can_be_retried(open_photos):
    page = open_photos()
    page.evaluate("api.failure = [0, 'The café cannot be reached.']")
    place = of_order(page, "o1")
    add(place, file(picture()))
    expect(place.get_by_role("alert")).to_have_text("The café cannot be reached.")
    page.evaluate("api.failure = null")
    place.get_by_role("button", name="Try again").click()
    expect(place.get_by_role("img")).to_have_count(1)
    expect(place.get_by_role("button", name="Try again")).to_have_count(0)
    assert len(page.evaluate("api.sent")) == 2


def test_the_same_file_can_be_chosen_twice(open_photos):
    page = open_photos()
    for count in (1, 2):
        add(of_order(page, "o1"), file(picture()))
        expect(of_order(page, "o1").get_by_role("img")).to_have_count(count)


def test_removing_a_photo_requires_a_second_tap(open_photos):
    page = open_photos(photo("p1", "o1"), photo("p2", "o1"))
    place = of_order(page, "o1")
    remove = place.get_by_role("button", name="Remove this photo").first
    remove.click()
    assert page.evaluate("api.removed") == []
    expect(remove).to_have_text("Remove?")
    remove.click()
    expect(place.get_by_role("img")).to_have_count(1)
    expect(place.get_by_label("Add a photo")).to_be_focused()
    assert page.evaluate("api.removed") == ["p1"]


def test_removing_a_missing_photo_succeeds(open_photos):
    page = open_photos(photo("p1", "o1"))
    page.evaluate("api.failure = [404, 'No.']")
    remove = page.get_by_role("button", name="Remove this photo")
    remove.click()
    remove.click()
    expect(page.get_by_role("img")).to_have_count(0)


def test_an_expired_session_is_reported(open_photos):
    page = open_photos()
    page.evaluate("api.failure = [401, 'No.']; addEventListener('session-over', () => (document.title = 'over'))")
    add(of_order(page, "o1"), file(picture()))
    expect(page).to_have_title("over")


def test_the_camera_can_be_opened_with_the_keyboard(open_photos):
    page = open_photos()
    page.keyboard.press("Tab")
    chooser = of_order(page, "o1").get_by_label("Add a photo")
    assert chooser.get_attribute("capture") == "environment"
    with page.expect_file_chooser() as opened:
        # Round trip to the page: a key press alone may arrive before the browser intercepts file choosers.
        expect(chooser).to_be_focused()
        page.keyboard.press("Space")
    opened.value.set_files(file(picture()))
    expect(of_order(page, "o1").get_by_role("img")).to_have_count(1)


def test_a_customers_photo_shows_on_the_board(page, new_page, customer, sign_in, inspect):
    put_in_cart(page, "Espresso")
    sign_in(page, customer)
    place_order(page)
    expect(orders(page)).to_contain_text("Accepted")  # until then, its buttons may change
    orders(page).get_by_role("button", name="Photo").click()
    add(orders(page), file(picture((2000, 1500))))
    shown = orders(page).get_by_role("img", name="Photo of")
    expect(shown).to_have_js_property("naturalWidth", 1600)
    inspect(page, "order-photo")
    id_ = orders(page).get_attribute("id")

    board = new_page()
    sign_in(board, "sam")
    board.get_by_role("link", name="Board").click()
    card = board.locator(f"caffe-board-order[data-key$='/{id_}']")
    card.get_by_role("button", name="Enlarge the photo").click()
    expect(board.get_by_role("dialog", name="Photo").get_by_role("img")).to_have_js_property("naturalWidth", 1600)
    inspect(board, "board-order-photo")

    page.reload()
    sign_in(page, customer)
    orders(page).get_by_role("button", name="Photo").click()
    expect(shown).to_have_js_property("naturalWidth", 1600)
