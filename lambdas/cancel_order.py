"""A compensation of the order workflow: gives the order up, of which the stream tells the customer."""

from lambdas.orders.workflow import Outcome
from lambdas.services import workflow
from lambdas.steps import Task, step


@step
def handler(task: Task) -> Outcome:
    """See `Workflow.cancel`."""
    return workflow().cancel(task.order)
