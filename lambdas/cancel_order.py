"""A compensation step of the order workflow: cancels the order. The stream then notifies the customer."""

from lambdas.orders.services import workflow
from lambdas.orders.steps import Task, step
from lambdas.orders.workflow import Outcome


@step
def handler(task: Task) -> Outcome:
    """See `Workflow.cancel`."""
    return workflow().cancel(task.order)
