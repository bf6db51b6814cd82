"""A list of orders as an HTML fragment of the web app's custom elements."""

from collections.abc import Iterable
from html import escape

from lambdas.orders.models import Item, Order


def render_orders(orders: Iterable[Order]) -> str:
    """One `caffe-order-history-item` per order, with every value escaped."""
    return "".join(map(_order, orders))


def _order(order: Order) -> str:
    attributes = f'customer="{escape(order.customer)}" id="{escape(order.id)}" status="{escape(order.status)}"'
    items = "".join(map(_item, order.items))
    return f"<caffe-order-history-item {attributes}>{items}</caffe-order-history-item>"


def _item(item: Item) -> str:
    attributes = f'name="{escape(item.name)}" type="{escape(item.type)}" qty="{item.qty}" editable="false"'
    return f"<caffe-cart-item {attributes}></caffe-cart-item>"
