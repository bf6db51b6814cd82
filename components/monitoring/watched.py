"""What is watched, and the metrics that say how it is: alarms and dashboard name them by these."""

from collections.abc import Mapping
from typing import NamedTuple, NotRequired, TypedDict

import pulumi

from lambdas.runtime.metrics import Metric

from ..blocks.durable_queue import DurableQueue
from ..blocks.python_function import PythonFunction
from ..rest_api.rest_api import RestApi

CREATORS = ("create_order", "create_queued_order")
"""The functions that create orders, by module."""


class Watched(TypedDict):
    """The parts of the café, as far as their metrics and logs go."""

    prefix: str
    """The stack's name, e.g. `cafe-dev`: namespace of the functions' own metrics, and what fixed names begin with."""

    api: RestApi
    """The API."""

    stage_name: str
    """The API's stage."""

    functions: Mapping[str, PythonFunction]
    """All functions, by their module in `lambdas/`."""

    queues: Mapping[str, DurableQueue]
    """All queues that have a dead-letter queue, by what they are called in alarms, e.g. `orders`."""

    stream_failures_name: pulumi.Input[str]
    """The queue with the positions of stream records that were given up."""

    invoice_failures_name: NotRequired[pulumi.Input[str] | None]
    """The same for those that no invoice could be made of. Default: orders become no invoices."""

    stream_handler: PythonFunction
    """The function that reads the table's stream."""

    state_machine_arn: NotRequired[pulumi.Input[str] | None]
    """The order workflow. Default: none, the kitchen accepts orders by itself."""


class Measure(NamedTuple):
    """A metric of one thing."""

    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]]


def of_queue(name: pulumi.Input[str], metric: str) -> Measure:
    """One of a queue's (SQS developer guide, "Available CloudWatch metrics")."""
    return Measure("AWS/SQS", metric, {"QueueName": name})


def of_function(function: PythonFunction, metric: str) -> Measure:
    """One of a function's (Lambda developer guide, "Types of metrics")."""
    return Measure("AWS/Lambda", metric, {"FunctionName": function.name})


def of_api(watched: Watched, metric: str) -> Measure:
    """One of the API's stage (API Gateway developer guide, "Metrics and dimensions")."""
    return Measure("AWS/ApiGateway", metric, {"ApiName": watched["api"].name, "Stage": watched["stage_name"]})


def of_workflow(arn: pulumi.Input[str], metric: str) -> Measure:
    """One of a state machine's (Step Functions developer guide, "Execution metrics")."""
    return Measure("AWS/States", metric, {"StateMachineArn": arn})


def of_service(watched: Watched, metric: Metric, module: str) -> Measure:
    """One that a function writes itself."""
    return Measure(watched["prefix"], metric, {"service": module})


def acceptor(watched: Watched) -> str:
    """The module that accepts orders: the workflow's last step where there is one."""
    return "confirm_order" if watched.get("state_machine_arn") is not None else "accept_order"
