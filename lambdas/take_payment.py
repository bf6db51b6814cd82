"""A step of the order workflow: takes the payment."""

from lambdas.orders.workflow import Outcome
from lambdas.services import workflow
from lambdas.steps import Task, step


@step
def handler(task: Task) -> Outcome:
    """See `Workflow.pay`."""
    return workflow().pay(task.order, task.amount)
