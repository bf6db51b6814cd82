"""A queue's real handler, with faults: it travels in the function's archive, beside the code that is not changed.

What fails is decided by the seed, the order and the number of times that its message has been received, so the same
order fares the same way in whatever process it is handled.
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
"""How the ids of orders begin that the kitchen never manages to accept."""

POISON_ITEM = "Poison"
"""What is in the orders that are never created from the intake queue."""

DIES = "the process dies"
"""The last line in the log of a call in which that happens."""

LAST_FAULT = 2
"""A good order's message fails in its first receives only. After five it would be set aside, and a machine with much
to do uses some of them up by being slow."""

MAX_LIFE_SECONDS = 0.1
"""How long a process lives at most that is to die in a call. Many a call is over before, and so is the danger."""


class Fault(Exception):
    """What the use case raises."""


received: dict[str, int] = {}
"""How often the messages of the current batch have been received, by their order's id."""


def handler(event, context):
    """The real handler, which now and then gets the same batch twice, or dies."""
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
    """At any moment of the block, the process may die."""
    is_in_danger = chance("dies", batch) < 2 * share() and max(received.values()) <= LAST_FAULT
    # Soon more often than late, as calls are short.
    timer = threading.Timer(MAX_LIFE_SECONDS * chance("lives", batch) ** 2, die)
    if is_in_danger:
        timer.start()
    yield
    timer.cancel()


def die():
    """End the process with no chance to clean up."""
    # A line of its own, also when another has just been begun.
    os.write(sys.stderr.fileno(), f"\n{DIES}\n".encode())
    os.kill(os.getpid(), signal.SIGKILL)


@functools.cache
def real_handler():
    """The handler, above use cases that fail."""
    Orders.accept = failing(Orders.accept, lambda placed: (placed.id, placed.id.startswith(POISON_ID)))
    Orders.create = failing(
        Orders.create, lambda _, body, **named: (named["id"], any(item.name == POISON_ITEM for item in body.lines()))
    )
    module, _, name = os.environ["REAL_HANDLER"].rpartition(".")
    return getattr(importlib.import_module(module), name)


def failing(use_case, look):
    """A use case that raises before or after its effect. `look` says of its arguments which order it is about, and
    whether that is poison."""

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
    """The id of the order that a message is about: in the intake queue it is the message's own."""
    return json.loads(record["body"]).get("id") or record["messageId"]


def chance(*about):
    """A number from 0 to 1, the same for the same things."""
    return random.Random(f"{os.environ['FAULT_SEED']} {about}").random()  # noqa: S311


def share():
    """The share of things that fail."""
    return float(os.environ["FAULT_SHARE"])
