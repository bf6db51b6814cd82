"""Renders a plan in the words of `pulumi preview`."""

from collections import Counter
from collections.abc import Iterator, Mapping

from .changes import Operation
from .engine import Plan, Step

SIGNS = {Operation.CREATE: "+", Operation.UPDATE: "~", Operation.REPLACE: "+-", Operation.DELETE: "-"}


def lines(plan: Plan, outputs: Mapping[str, str]) -> Iterator[str]:
    """A line for each change and each changed output, by its sign, and one with the number of changes."""
    width = max((len(step.resource.type) for step in plan.changes), default=0)
    for step in plan.changes:
        yield _line(step, width)
    for name, sign in outputs.items():
        yield f" {sign:2} output {name}"
    yield summary(plan)


def summary(plan: Plan) -> str:
    """The number of resources to create, update, replace and delete, and of those that stay the same."""
    counts = Counter(step.change.operation for step in plan.steps)
    if not plan.changes:
        return f"no changes, {counts[Operation.SAME]} unchanged"
    changes = [f"{counts[operation]} to {operation}" for operation in SIGNS if counts[operation]]
    return ", ".join([*changes, f"{counts[Operation.SAME]} unchanged"])


def _line(step: Step, width: int) -> str:
    operation, properties = step.change
    reason = f" [diff: {','.join(sign + name for name, sign in properties.items())}]" if properties else ""
    return f" {SIGNS[operation]:2} {step.resource.type:{width}} {step.resource.name} {operation}{reason}"
