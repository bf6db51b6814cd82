"""The first step of the order workflow: whether there is an order, whether it can be made, and what it costs."""

from lambdas.orders.services import workflow
from lambdas.orders.steps import Task, step
from lambdas.orders.workflow import Outcome


@step
def handler(task: Task) -> Outcome:
    """See `Workflow.check`."""
    return workflow().check(task.order)
