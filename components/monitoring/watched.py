"""The monitored resources and their metrics, for alarms and dashboard."""

from collections.abc import Mapping
from typing import NamedTuple, NotRequired, TypedDict

import pulumi

from lambdas.runtime.metrics import Metric

from ..blocks.durable_queue import DurableQueue
from ..blocks.python_function import PythonFunction
from ..rest_api.rest_api import RestApi

CREATORS = ("create_order", "create_queued_order")
"""Modules of the functions that create orders."""


class Watched(TypedDict):
    """The parts of the café with metrics and logs."""

    prefix: str
    """Name prefix of the stack, e.g. `cafe-dev`: also the namespace of the functions' metrics."""

    api: RestApi
    """The REST API."""

    stage_name: str
    """Name of the API's stage."""

    functions: Mapping[str, PythonFunction]
    """All functions, by their module in `lambdas/`."""

    queues: Mapping[str, DurableQueue]
    """All queues with a dead-letter queue, by their name in alarms, e.g. `orders`."""

    failures: Mapping[str, pulumi.Input[str]]
    """Names of the queues with the positions of stream records that failed: `stream`, and optionally `ledger` and
    `invoices`."""

    publish_changes: PythonFunction
    """The function that reads the table's stream."""

    state_machine_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the order workflow. Default: none; the kitchen accepts orders directly."""


class Measure(NamedTuple):
    """A metric of one resource."""

    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]]


def queue_metric(name: pulumi.Input[str], metric: str) -> Measure:
    """A metric of a queue (SQS developer guide, "Available CloudWatch metrics")."""
    return Measure("AWS/SQS", metric, {"QueueName": name})


def function_metric(function: PythonFunction, metric: str) -> Measure:
    """A metric of a function (Lambda developer guide, "Types of metrics")."""
    return Measure("AWS/Lambda", metric, {"FunctionName": function.name})


def api_metric(api_name: pulumi.Input[str], stage_name: pulumi.Input[str], metric: str) -> Measure:
    """A metric of an API's stage (API Gateway developer guide, "Metrics and dimensions")."""
    return Measure("AWS/ApiGateway", metric, {"ApiName": api_name, "Stage": stage_name})


def workflow_metric(arn: pulumi.Input[str], metric: str) -> Measure:
    """A metric of a state machine (Step Functions developer guide, "Execution metrics")."""
    return Measure("AWS/States", metric, {"StateMachineArn": arn})


def service_metric(watched: Watched, metric: Metric, module: str) -> Measure:
    """A metric that a function writes itself."""
    return Measure(watched["prefix"], metric, {"service": module})


def acceptor(watched: Watched) -> str:
    """The module that accepts orders: the workflow's last step, if there is a workflow."""
    return "confirm_order" if watched.get("state_machine_arn") is not None else "accept_order"
