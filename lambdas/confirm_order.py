"""The last step of the order workflow: accepts the order. The stream then notifies the customer."""

from lambdas.orders.services import workflow
from lambdas.orders.steps import Task, step
from lambdas.orders.workflow import Outcome
from lambdas.runtime.metrics import Metric, count, measure_ms


@step
def handler(task: Task) -> Outcome:
    """See `Workflow.confirm`."""
    outcome = workflow().confirm(task.order, task.revision)
    if outcome.waited_ms is not None:
        count(Metric.ORDERS_ACCEPTED)
        measure_ms(Metric.TIME_TO_ACCEPT, outcome.waited_ms)
    return outcome
