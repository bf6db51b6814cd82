"""A step of the order workflow: charges the customer."""

from lambdas.orders.services import workflow
from lambdas.orders.steps import Task, step
from lambdas.orders.workflow import Outcome


@step
def handler(task: Task) -> Outcome:
    """See `Workflow.pay`."""
    return workflow().pay(task.order, task.amount)
