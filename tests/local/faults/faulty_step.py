"""A workflow step's real handler, with the faults that an order's id asks for.

`confirm-before-9.refund-after-1` is an order whose confirmation fails before its effect in the first nine attempts,
and whose refund is made and not answered in the first one. The attempt's number comes in the step's input.
"""

import importlib
import os


class Fault(Exception):
    """What the step raises."""


def handler(event, context):
    """The real handler, and a fault before or after it."""
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
    """When each step fails in an attempt, which is counted from 0."""
    asked = (part.split("-") for part in id_.split("."))
    return {part[0]: part[1] for part in asked if len(part) == 3 and attempt < int(part[2])}
