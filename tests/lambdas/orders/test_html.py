from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from lambdas.orders.html import render_orders
from lambdas.orders.models import Item, Status
from tests.lambdas.builders import an_order

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=100)
MARKUP = st.text("<>&\"'=/ \t\n\r`;#x27amplt!-", min_size=1, max_size=100)


class Elements(HTMLParser):
    """The elements of a fragment as (name, attributes), and the rest of its content."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.starts: list[tuple[str, dict[str, str | None]]] = []
        self.ends: list[str] = []
        self.rest: list[str] = []
        self.feed(fragment)
        self.close()

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), "duplicate attribute"
        self.starts.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        self.ends.append(tag)

    def handle_data(self, data):
        self.rest.append(data)

    handle_comment = handle_decl = handle_pi = unknown_decl = handle_data


def test_without_orders_the_history_is_empty():
    assert render_orders([]) == ""


def test_an_order_is_an_element_around_its_items():
    order = an_order("7", status=Status.READY, items=[Item("Espresso", 2, "hot"), Item("Muffin", 1)])

    assert render_orders([order]) == (
        '<caffe-order-history-item customer="ann" id="7" status="ready">'
        '<caffe-cart-item name="Espresso" type="hot" qty="2" editable="false"></caffe-cart-item>'
        '<caffe-cart-item name="Muffin" type="" qty="1" editable="false"></caffe-cart-item>'
        "</caffe-order-history-item>"
    )


def test_the_sequence_of_orders_is_kept():
    starts = Elements(render_orders([an_order("2"), an_order("1"), an_order("3")])).starts

    ids = [attributes["id"] for tag, attributes in starts if tag == "caffe-order-history-item"]

    assert ids == ["2", "1", "3"]


@given(customer=TEXT | MARKUP, name=TEXT | MARKUP, type=TEXT | MARKUP)
def test_values_are_escaped(customer, name, type):
    name = f"x{name}"  # a name has a visible character
    item = Item(name, 3, type)
    found = Elements(render_orders([an_order("7", customer, items=[item])]))

    assert found.starts == [
        ("caffe-order-history-item", {"customer": customer, "id": "7", "status": "created"}),
        ("caffe-cart-item", {"name": item.name, "type": type, "qty": "3", "editable": "false"}),
    ]
    assert found.ends == ["caffe-cart-item", "caffe-order-history-item"]
    assert found.rest == []
