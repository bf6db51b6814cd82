"""A queue's real handler with injected faults, added to the function's archive beside the unchanged code.

The seed, the order and its message's receive count determine the faults, so an order fails the same way in any process.
"""

import functools
import importlib
import json
import os
import random
import signal
import sys
import threading
from contextlib import contextmanager

from lambdas.orders.service import Orders

POISON_ID = "poison-"
"""Prefix of the ids of orders that the kitchen always fails to accept."""

POISON_ITEM = "Poison"
"""Item of the orders that always fail to be created from the intake queue."""

DIES = "the process dies"
"""Last log line of a call whose process dies."""

LAST_FAULT = 2
"""A good order's message fails only up to this receive. After five receives it would move to the dead-letter queue, and
a busy machine uses some of them up by being slow."""

MAX_LIFE_SECONDS = 0.1
"""Maximum time until a process dies in a call. Many calls end before that and survive."""


class Fault(Exception):
    """An injected failure."""


received: dict[str, int] = {}
"""Receive counts of the current batch's messages, by order id."""


def handler(event, context):
    """Run the real handler, sometimes twice with the same batch, and sometimes die."""
    real = real_handler()
    received.clear()
    for record in event["Records"]:
        received[order_id(record)] = int(record["attributes"]["ApproximateReceiveCount"])
    batch = sorted(received.items())
    with danger(batch):
        if chance("twice", batch) < share():
            real(event, context)
        return real(event, context)


@contextmanager
def danger(batch):
    """The process may die at any moment of the block."""
    is_in_danger = chance("dies", batch) < 2 * share() and max(received.values()) <= LAST_FAULT
    # Squared, for an early death more often than a late one: calls are short.
    timer = threading.Timer(MAX_LIFE_SECONDS * chance("lives", batch) ** 2, die)
    if is_in_danger:
        timer.start()
    yield
    timer.cancel()


def die():
    """Kill the process without cleanup."""
    # The leading newline ends a line that may be incomplete.
    os.write(sys.stderr.fileno(), f"\n{DIES}\n".encode())
    os.kill(os.getpid(), signal.SIGKILL)


@functools.cache
def real_handler():
    """The real handler, with failing use cases."""
    Orders.accept = failing(Orders.accept, lambda placed: (placed.id, placed.id.startswith(POISON_ID)))
    Orders.create = failing(
        Orders.create, lambda _, body, **named: (named["id"], any(item.name == POISON_ITEM for item in body.lines()))
    )
    module, _, name = os.environ["REAL_HANDLER"].rpartition(".")
    return getattr(importlib.import_module(module), name)


def failing(use_case, look):
    """A use case that raises before or after its effect. `look` returns, from its arguments, the order's id and whether
    the order is poison."""

    @functools.wraps(use_case)
    def call(self, *arguments, **named):
        id_, is_poison = look(*arguments, **named)
        if is_poison:
            raise Fault("poison")
        fault = chance(id_, received[id_]) if received[id_] <= LAST_FAULT else 1
        if fault < share() / 2:
            raise Fault("before the effect")
        outcome = use_case(self, *arguments, **named)
        if fault < share():
            raise Fault("after the effect")
        return outcome

    return call


def order_id(record):
    """The id of a message's order. In the intake queue it is the message id."""
    return json.loads(record["body"]).get("id") or record["messageId"]


def chance(*about):
    """A number from 0 to 1, determined by the arguments and the seed."""
    return random.Random(f"{os.environ['FAULT_SEED']} {about}").random()  # noqa: S311


def share():
    """The share of calls that fail."""
    return float(os.environ["FAULT_SHARE"])
