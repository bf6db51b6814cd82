"""A compensation step of the order workflow: refunds the payment."""

from lambdas.orders.services import workflow
from lambdas.orders.steps import Task, step
from lambdas.orders.workflow import Outcome


@step
def handler(task: Task) -> Outcome:
    """See `Workflow.refund`."""
    return workflow().refund(task.order)
