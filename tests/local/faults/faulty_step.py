"""A workflow step's real handler, with the faults that the order's id specifies.

`confirm-before-9.refund-after-1` is an order whose confirmation fails before its effect in the first nine attempts, and
whose refund fails after its effect in the first attempt. The step's input contains the attempt number.
"""

import importlib
import os


class Fault(Exception):
    """An injected failure."""


def handler(event, context):
    """Run the real handler, with a fault before or after it."""
    module, _, name = os.environ["REAL_HANDLER"].rpartition(".")
    step = module.removeprefix("lambdas.").partition("_")[0]
    fault = faults(event["order"]["id"], event["attempt"]).get(step)
    if fault == "before":
        raise Fault(f"{step} fails before its effect")
    answer = getattr(importlib.import_module(module), name)(event, context)
    if fault == "after":
        raise Fault(f"{step} fails after its effect")
    return answer


def faults(id_, attempt):
    """The steps that fail in this attempt (0-based), each with `before` or `after`."""
    asked = (part.split("-") for part in id_.split("."))
    return {part[0]: part[1] for part in asked if len(part) == 3 and attempt < int(part[2])}
