"""Responses with orders, and their entity tags."""

import hashlib
from collections.abc import Iterable
from http import HTTPStatus

from msgspec import to_builtins

from lambdas.cafe.waiting import Wait
from lambdas.orders.models import Order, Status
from lambdas.runtime.http import Response

WAIT = "."
"""Separates the revision from the waiting time in an entity tag."""


def one(order: Order, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> Response:
    """A response with one order."""
    return Response(status, order.public(), {"ETag": etag(order), **headers})


def is_waiting(order: Order) -> bool:
    """Whether somebody waits for the order to be made."""
    return order.status in (Status.CREATED, Status.ACCEPTED)


def waiting(order: Order, wait: Wait) -> Response:
    """A response with one order and its `wait`, which is part of the entity tag."""
    tag = f"{order.revision}{WAIT}{wait.ahead}-{'' if wait.seconds is None else wait.seconds}"
    return Response(HTTPStatus.OK, {**order.public(), "wait": to_builtins(wait)}, {"ETag": f'"{tag}"'})


def revisions(tags: frozenset[str] | None) -> frozenset[str] | None:
    """The revisions in the entity tags of `If-Match`, or `None` for any. How long an order waits does not matter to a
    change of it."""
    return None if tags is None else frozenset(tag.partition(WAIT)[0] for tag in tags)


def etag(order: Order) -> str:
    """The order's entity tag. It is strong: equal tags mean byte-identical bodies."""
    return f'"{order.revision}"'


def list_revision(orders: Iterable[Order], form: str) -> str:
    """A revision of a list, from its orders' revisions and the form of the response."""
    states = " ".join(f"{order.id}:{order.revision}" for order in orders)
    return hashlib.sha256(f"{form} {states}".encode()).hexdigest()[:32]
