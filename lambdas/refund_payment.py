"""A compensation of the order workflow: gives the payment back."""

from lambdas.orders.services import workflow
from lambdas.orders.steps import Task, step
from lambdas.orders.workflow import Outcome


@step
def handler(task: Task) -> Outcome:
    """See `Workflow.refund`."""
    return workflow().refund(task.order)
