"""A compensation of the order workflow: gives the payment back."""

from lambdas.orders.workflow import Outcome
from lambdas.services import workflow
from lambdas.steps import Task, step


@step
def handler(task: Task) -> Outcome:
    """See `Workflow.refund`."""
    return workflow().refund(task.order)
