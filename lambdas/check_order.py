"""The first step of the order workflow: whether there is an order, whether it can be made, and what it costs."""

from lambdas.orders.workflow import Outcome
from lambdas.services import workflow
from lambdas.steps import Task, step


@step
def handler(task: Task) -> Outcome:
    """See `Workflow.check`."""
    return workflow().check(task.order)
