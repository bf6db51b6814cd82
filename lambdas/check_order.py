"""The first step of the order workflow: checks that the order exists and can be made, and computes its price."""

from lambdas.orders.services import workflow
from lambdas.orders.steps import Task, step
from lambdas.orders.workflow import Outcome


@step
def handler(task: Task) -> Outcome:
    """See `Workflow.check`."""
    return workflow().check(task.order)
