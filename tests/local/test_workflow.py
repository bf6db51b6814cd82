"""The order workflow: the order, the payment and the notifications when a step fails.

The state machine is the deployed one with shorter waits and fewer attempts. Failures come from the simulated payment
provider and kitchen, set by environment variables, and from steps whose code raises (`faults/faulty_step.py`).
"""

import json
from collections import Counter
from contextlib import contextmanager
from typing import NamedTuple

import pytest

from tests.local.conftest import TIMEOUT_SECONDS, Subscriber, eventually, running_cafe
from tests.local.faults.replaced import configured, replaced

pytestmark = pytest.mark.long

ATTEMPTS = 2
KITCHEN_SECONDS = TIMEOUT_SECONDS
"""Timeout of the kitchen's answer. No test waits for it: in all but one, the kitchen answers."""

SHORT_SECONDS = 1

ESPRESSO = [{"name": "Espresso", "qty": 2}]
PRICE = 440


@pytest.fixture(scope="module")
def cafe(tmp_path_factory):
    """A separate café whose workflow has short waits."""
    with running_cafe(tmp_path_factory.mktemp("workflow"), "workflow=true") as cafe:
        Workflow(cafe).shorten_waits(KITCHEN_SECONDS)
        yield cafe


@pytest.fixture(scope="module")
def workflow(cafe):
    return Workflow(cafe)


@pytest.fixture(scope="module")
def ann(cafe):
    return cafe.sign_in("ann")


@pytest.fixture(scope="module")
def subscriber(cafe):
    return Subscriber(cafe, "workflow")


class Payment(NamedTuple):
    """An item of the payments table. The amount is in cents."""

    status: str
    amount: int


class End(NamedTuple):
    """The end of an execution: its status, its last state, and the error if it failed."""

    status: str
    state: str
    error: str | None


ACCEPTED = End("SUCCEEDED", "OrderAccepted", None)
CANCELLED = End("SUCCEEDED", "OrderCancelled", None)
PAID = Payment("paid", PRICE)
REFUNDED = Payment("refunded", PRICE)
VOID = Payment("void", 0)
"""A payment that was voided before it was taken."""


class Workflow:
    """The running workflow: its state machine, its functions and its payments."""

    def __init__(self, cafe):
        self._cafe = cafe
        self._sfn = cafe.aws.client("stepfunctions")
        self._arn = cafe.outputs["stateMachineArn"]
        definition = self._definition()
        self.functions = {
            name: state["Parameters"]["FunctionName"].rpartition(":")[2]
            for name, state in definition["States"].items()
            if "FunctionName" in state.get("Parameters", {})
        }
        function = cafe.aws.client("lambda").get_function_configuration(FunctionName=self.functions["TakePayment"])
        self._payments = function["Environment"]["Variables"]["PAYMENTS_TABLE"]

    def _definition(self):
        return json.loads(self._sfn.describe_state_machine(stateMachineArn=self._arn)["definition"])

    def shorten_waits(self, kitchen_seconds):
        """Change the executions that start from now on: shorten the waits, pass each step its attempt number, and raise
        its timeout for a busy machine, where processes start slowly."""
        definition = self._definition()
        for name in self.functions:
            state = definition["States"][name]
            state["Parameters"]["Payload"]["attempt.$"] = "$$.State.RetryCount"
            state["TimeoutSeconds"] = TIMEOUT_SECONDS
            [retry] = state["Retry"]
            retry |= {"IntervalSeconds": 1, "BackoffRate": 1, "MaxAttempts": ATTEMPTS - 1}
        definition["States"]["AskKitchen"]["TimeoutSeconds"] = kitchen_seconds
        self._sfn.update_state_machine(stateMachineArn=self._arn, definition=json.dumps(definition))

    @contextmanager
    def short_kitchen_timeout(self):
        """While the block lasts, the kitchen's answer times out almost immediately."""
        self.shorten_waits(SHORT_SECONDS)
        try:
            yield
        finally:
            self.shorten_waits(KITCHEN_SECONDS)

    def executions(self, id_, *, refunds=False):
        """The executions of the order with this id: those that began with it, or the refunds after its acceptance."""
        pages = self._sfn.get_paginator("list_executions").paginate(stateMachineArn=self._arn)
        # An execution's name is the order id, a hyphen and 15 digits.
        named = [found for page in pages for found in page["executions"] if found["name"][:-16] == id_]
        return [found for found in named if ("cancelled" in self._order_of(found)) == refunds]

    def _order_of(self, execution):
        return json.loads(self._sfn.describe_execution(executionArn=execution["executionArn"])["input"])["order"]

    def end(self, id_):
        """Wait for the end of an order's only execution."""

        def ended():
            found = self.executions(id_)
            return found and all(execution["status"] != "RUNNING" for execution in found) and found

        [execution] = eventually(ended)
        arn = execution["executionArn"]
        history = self._sfn.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        entered = [
            event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event
        ]
        return End(execution["status"], entered[-1], self._sfn.describe_execution(executionArn=arn).get("error"))

    def input_of(self, id_):
        """The input of an order's execution, or None if there is none yet."""
        for execution in self.executions(id_):
            return json.loads(self._sfn.describe_execution(executionArn=execution["executionArn"])["input"])
        return None

    def answer(self, token, answer):
        """Send the kitchen's answer."""
        self._sfn.send_task_success(taskToken=token, output=json.dumps(answer))

    def payment(self, id_):
        """An order's payment, or None."""
        pages = self._cafe.aws.client("dynamodb").get_paginator("scan").paginate(TableName=self._payments)
        items = [item for page in pages for item in page["Items"] if item["id"]["S"].split("/")[1] == id_]
        payments = [Payment(item["status"]["S"], int(item["amount"]["N"])) for item in items]
        assert len(payments) <= 1
        return payments[0] if payments else None

    def logged(self, function, id_):
        """The number of a function's log lines about an order, by message."""
        functions, logs = self._cafe.aws.client("lambda"), self._cafe.aws.client("logs")
        group = functions.get_function_configuration(FunctionName=function)["LoggingConfig"]["LogGroup"]
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        lines = (event["message"] for page in pages for event in page["events"])
        found = (json.loads(line) for line in lines if f'"order":"{id_}"' in line)
        return Counter(line["message"] for line in found)


def place(cafe, headers, id_, items=ESPRESSO):
    placed = cafe.api.post("orders", json={"id": id_, "items": items}, headers=headers)
    assert placed.status_code == 201, placed.text
    return f"orders/{placed.json()['customer']}/{id_}"


def status(cafe, headers, path):
    return cafe.api.get(path, headers=headers).json()["status"]


def notified_statuses(subscriber, id_, expected):
    """The notified statuses of an order, once they include the expected ones."""

    def changes():
        return [change["status"] for change in subscriber.changes() if change["id"] == id_]

    eventually(lambda: set(changes()) >= set(expected))
    return changes()


def test_a_good_order_is_paid_accepted_and_notified(cafe, workflow, ann, subscriber):
    path = place(cafe, ann, "good")

    assert workflow.end("good") == ACCEPTED
    assert workflow.payment("good") == PAID
    assert status(cafe, ann, path) == "accepted"
    assert notified_statuses(subscriber, "good", ["accepted"]) == ["accepted"]


def test_cancelling_an_accepted_order_refunds_it_once(cafe, workflow, ann, subscriber):
    path = place(cafe, ann, "regretted")
    eventually(lambda: status(cafe, ann, path) == "accepted")
    assert workflow.payment("regretted") == PAID

    answers = [cafe.api.patch(path, json={"status": "cancelled"}, headers=ann).status_code for _ in range(2)]

    assert answers == [200, 409]
    assert eventually(lambda: workflow.payment("regretted") == REFUNDED)
    eventually(lambda: [each["status"] for each in workflow.executions("regretted", refunds=True)] == ["SUCCEEDED"])
    assert len(workflow.executions("regretted")) == 1
    assert workflow.logged(workflow.functions["RefundPayment"], "regretted") == {"refunded": 1}
    assert notified_statuses(subscriber, "regretted", ["cancelled"]) == ["accepted", "cancelled"]


def test_staff_cannot_take_an_order_away_from_the_workflow(cafe, workflow, ann):
    """It would be made for what was paid before the customer changed it."""
    sam = cafe.sign_in("sam")
    with kitchen_disabled(cafe):
        path = place(cafe, ann, "by-hand")
        token = kitchen_token(cafe, "by-hand")
        assert cafe.api.put(path, json={"items": [{"name": "Cappuccino", "qty": 99}]}, headers=ann).status_code == 200

        assert cafe.api.patch(path, json={"status": "accepted"}, headers=sam).status_code == 409
        workflow.answer(token, {"outcome": "accepted"})

    assert workflow.end("by-hand") == CANCELLED
    assert workflow.payment("by-hand") == REFUNDED
    assert status(cafe, ann, path) == "cancelled"


def test_an_order_that_costs_nothing_is_accepted_without_payment(cafe, workflow, ann, subscriber):
    assert cafe.api.put("menu/Tap%20water", json={"price": 0}, headers=cafe.sign_in("sam")).is_success
    path = place(cafe, ann, "for-free", [{"name": "Tap water", "qty": 2}])

    assert workflow.end("for-free") == ACCEPTED
    assert workflow.payment("for-free") is None
    assert status(cafe, ann, path) == "accepted"
    assert notified_statuses(subscriber, "for-free", ["accepted"]) == ["accepted"]


def test_a_queued_order_takes_the_same_path(cafe, workflow, ann, subscriber):
    queued = cafe.api.post("orders/queued", json={"items": ESPRESSO}, headers=ann).json()
    id_ = queued["SendMessageResponse"]["SendMessageResult"]["MessageId"]

    assert workflow.end(id_) == ACCEPTED
    assert workflow.payment(id_) == PAID
    assert notified_statuses(subscriber, id_, ["accepted"]) == ["accepted"]


def test_a_redelivered_message_starts_no_second_execution(cafe, workflow, ann, subscriber):
    path = place(cafe, ann, "twice")
    message = json.dumps(eventually(lambda: workflow.input_of("twice"))["order"])
    sqs, url = cafe.aws.client("sqs"), cafe.outputs["ordersQueueUrl"]

    sqs.send_message(QueueUrl=url, MessageBody=message)
    assert workflow.end("twice") == ACCEPTED
    sqs.send_message(QueueUrl=url, MessageBody=message)
    starts = {"workflow started": 1, "workflow already started": 2}
    eventually(lambda: workflow.logged(cafe.outputs["sqsLambda"], "twice") == starts)

    assert len(workflow.executions("twice")) == 1
    assert workflow.logged(workflow.functions["TakePayment"], "twice") == {"paid": 1}
    assert workflow.payment("twice") == PAID
    assert status(cafe, ann, path) == "accepted"
    assert notified_statuses(subscriber, "twice", ["accepted"]) == ["accepted"]


@pytest.mark.parametrize(("answer", "payment"), [("declined", None), ("unavailable", VOID)])
def test_an_order_without_payment_is_cancelled(cafe, workflow, ann, subscriber, answer, payment):
    id_ = f"payment-{answer}"
    with configured(cafe, workflow.functions["TakePayment"], PAYMENT_ANSWER=answer):
        path = place(cafe, ann, id_)
        assert workflow.end(id_) == CANCELLED

    assert workflow.payment(id_) == payment
    assert status(cafe, ann, path) == "cancelled"
    assert notified_statuses(subscriber, id_, ["cancelled"]) == ["cancelled"]


def test_an_order_that_the_kitchen_declines_is_refunded(cafe, workflow, ann, subscriber):
    with configured(cafe, cafe.outputs["kitchenLambda"], KITCHEN_ANSWER="declined"):
        path = place(cafe, ann, "declined")
        assert workflow.end("declined") == CANCELLED

    assert_refunded_once(workflow, "declined")
    assert status(cafe, ann, path) == "cancelled"
    assert notified_statuses(subscriber, "declined", ["cancelled"]) == ["cancelled"]


def test_an_order_that_the_kitchen_does_not_answer_is_refunded_after_the_timeout(cafe, workflow, ann, subscriber):
    with configured(cafe, cafe.outputs["kitchenLambda"], KITCHEN_ANSWER="none"), workflow.short_kitchen_timeout():
        path = place(cafe, ann, "silent")
        assert workflow.end("silent") == CANCELLED

    assert_refunded_once(workflow, "silent")
    assert status(cafe, ann, path) == "cancelled"
    assert notified_statuses(subscriber, "silent", ["cancelled"]) == ["cancelled"]


@pytest.mark.parametrize("answer", ["accepted", "declined"])
def test_an_order_cancelled_before_the_kitchen_answers_is_refunded(cafe, workflow, ann, subscriber, answer):
    id_ = f"cancelled-{answer}"
    with kitchen_disabled(cafe):
        path = place(cafe, ann, id_)
        token = kitchen_token(cafe, id_)
        cancelled = cafe.api.patch(path, json={"status": "cancelled"}, headers=ann)
        workflow.answer(token, {"outcome": answer})
        assert cancelled.status_code == 200
        assert workflow.end(id_) == CANCELLED

    assert_refunded_once(workflow, id_)
    assert status(cafe, ann, path) == "cancelled"
    assert notified_statuses(subscriber, id_, ["cancelled"]) == ["cancelled"]


@contextmanager
def kitchen_disabled(cafe):
    """While the block lasts, nothing reads the kitchen's queue."""
    functions, kitchen = cafe.aws.client("lambda"), cafe.outputs["kitchenLambda"]
    [source] = functions.list_event_source_mappings(FunctionName=kitchen)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=source["UUID"], Enabled=False)
    try:
        yield
    finally:
        functions.update_event_source_mapping(UUID=source["UUID"], Enabled=True)


def kitchen_token(cafe, id_):
    """Receive the kitchen's message about an order. Returns its task token."""
    sqs, url = cafe.aws.client("sqs"), cafe.outputs["kitchenQueueUrl"]
    [message] = eventually(lambda: sqs.receive_message(QueueUrl=url).get("Messages"))
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    asked = json.loads(message["Body"])
    assert asked["order"]["id"] == id_
    return asked["taskToken"]


def assert_refunded_once(workflow, id_):
    # Only a paid payment can be refunded.
    assert workflow.payment(id_) == REFUNDED
    # A call that dies after its effect leaves no line: faults in other calls also kill its process.
    assert workflow.logged(workflow.functions["RefundPayment"], id_)["refunded"] <= 1


class Outcome(NamedTuple):
    """The end of an order's execution, its payment, its status and its notified statuses."""

    end: End
    payment: Payment | None
    status: str
    notified: list[str]


FAILING_STEPS = {
    "check-before-1": Outcome(ACCEPTED, PAID, "accepted", ["accepted"]),
    "check-before-9": Outcome(CANCELLED, None, "cancelled", ["cancelled"]),
    "take-before-9": Outcome(CANCELLED, VOID, "cancelled", ["cancelled"]),
    # Paid, but the answer was lost.
    "take-after-1": Outcome(ACCEPTED, PAID, "accepted", ["accepted"]),
    "take-after-9": Outcome(CANCELLED, REFUNDED, "cancelled", ["cancelled"]),
    "confirm-before-9": Outcome(CANCELLED, REFUNDED, "cancelled", ["cancelled"]),
    "confirm-after-1": Outcome(ACCEPTED, PAID, "accepted", ["accepted"]),
    # Accepted in the table, but the answer was lost.
    "confirm-after-9": Outcome(CANCELLED, REFUNDED, "cancelled", ["accepted", "cancelled"]),
    "confirm-before-9.refund-before-1": Outcome(CANCELLED, REFUNDED, "cancelled", ["cancelled"]),
    "confirm-before-9.refund-after-1": Outcome(CANCELLED, REFUNDED, "cancelled", ["cancelled"]),
    "confirm-before-9.cancel-before-1": Outcome(CANCELLED, REFUNDED, "cancelled", ["cancelled"]),
    "confirm-before-9.cancel-after-1": Outcome(CANCELLED, REFUNDED, "cancelled", ["cancelled"]),
    # These need manual action: failed executions raise an alarm. (The emulator has one error name for all exceptions.)
    "confirm-before-9.refund-before-9": Outcome(
        End("FAILED", "NotRefunded", "NotRefunded"), PAID, "cancelled", ["cancelled"]
    ),
    "confirm-before-9.cancel-before-9": Outcome(
        End("FAILED", "CancelOrder", "Runtime.HandlerError"), REFUNDED, "created", []
    ),
}
"""The expected outcome of an order, by the faults that its id specifies (`faulty_step`)."""


@pytest.fixture(scope="module")
def outcomes(cafe, workflow, ann, subscriber):
    """The outcomes of the orders with failing steps, all processed concurrently."""
    with replaced(cafe, "faulty_step", set(workflow.functions.values())):
        paths = {id_: place(cafe, ann, id_) for id_ in FAILING_STEPS}
        ends = {id_: workflow.end(id_) for id_ in FAILING_STEPS}
    return {
        id_: Outcome(
            ends[id_],
            workflow.payment(id_),
            status(cafe, ann, paths[id_]),
            notified_statuses(subscriber, id_, expected.notified),
        )
        for id_, expected in FAILING_STEPS.items()
    }


@pytest.mark.parametrize("id_", FAILING_STEPS)
def test_after_any_failed_step_the_order_is_paid_and_accepted_or_neither(workflow, outcomes, id_):
    assert outcomes[id_] == FAILING_STEPS[id_]
    if outcomes[id_].payment == REFUNDED:
        assert_refunded_once(workflow, id_)


@pytest.mark.usefixtures("outcomes")
def test_no_change_is_notified_twice(cafe, ann, subscriber):
    # The stream is handled in order: once the last order is notified, so are all earlier ones.
    place(cafe, ann, "last")
    notified_statuses(subscriber, "last", ["accepted"])

    assert {change: times for change, times in subscriber.counts().items() if times != 1} == {}


def test_no_message_reached_a_dead_letter_queue(cafe):
    sqs = cafe.aws.client("sqs")
    for output in ("ordersDlqUrl", "intakeDlqUrl", "kitchenDlqUrl", "streamFailuresUrl"):
        assert "Messages" not in sqs.receive_message(QueueUrl=cafe.outputs[output])
