import json
import re

import msgspec
import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from lambdas.orders.events import OrderPlaced
from lambdas.orders.models import Customer, OrderId
from lambdas.orders.state_machine import StateMachine, execution_name
from lambdas.orders.workflow import Outcome
from tests.lambdas.builders import NOON, an_order_placed, placed_body

ROLE = "arn:aws:iam::123456789012:role/workflow"
DEFINITION = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}}

ORDER_IDS = st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True)
TIMES = st.integers(NOON, NOON + 2)
PLACED = st.builds(OrderPlaced, st.text(min_size=1, max_size=128), ORDER_IDS, st.text(max_size=128), TIMES)


@pytest.fixture
def arn(stepfunctions):
    made = stepfunctions.create_state_machine(name="workflow", definition=json.dumps(DEFINITION), roleArn=ROLE)
    return made["stateMachineArn"]


@pytest.fixture
def machine(stepfunctions, arn):
    return StateMachine(arn, stepfunctions)


@pytest.fixture
def executions(stepfunctions, arn):
    """The executions, newest first."""

    def list_all():
        return stepfunctions.list_executions(stateMachineArn=arn)["executions"]

    return list_all


class TestStart:
    def test_passes_the_order_as_input(self, machine, stepfunctions, executions):
        assert machine.start(an_order_placed()) is True

        [execution] = executions()
        described = stepfunctions.describe_execution(executionArn=execution["executionArn"])
        assert json.loads(described["input"]) == {"order": placed_body()}

    def test_of_a_cancelled_order_is_another_execution(self, machine, executions):
        placed = an_order_placed()

        assert machine.start(placed) is True
        assert machine.start(structs.replace(placed, cancelled=True)) is True
        assert len(executions()) == 2

    def test_of_a_running_execution_has_no_effect(self, machine, executions):
        for _ in range(3):
            assert machine.start(an_order_placed()) is True

        assert len(executions()) == 1

    def test_of_an_ended_execution_returns_false(self, machine, stepfunctions, executions):
        machine.start(an_order_placed())
        stepfunctions.stop_execution(executionArn=executions()[0]["executionArn"])

        assert machine.start(an_order_placed()) is False
        assert len(executions()) == 1

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param(an_order_placed("8"), id="another order"),
            pytest.param(an_order_placed(customer="bob"), id="another customer's order with the same ID"),
            pytest.param(an_order_placed(created_at=NOON + 1), id="a later order with the same ID"),
        ],
    )
    def test_of_another_order_starts_another_execution(self, machine, executions, other):
        machine.start(an_order_placed())

        assert machine.start(other) is True
        assert len(executions()) == 2

    def test_of_the_same_order_with_another_correlation_id_has_no_effect(self, machine, executions):
        machine.start(an_order_placed())
        machine.start(an_order_placed(correlation_id="request-2"))

        assert len(executions()) == 1

    def test_of_a_missing_state_machine_is_an_error(self, arn, stepfunctions):
        with pytest.raises(stepfunctions.exceptions.StateMachineDoesNotExist):
            StateMachine(f"{arn}-none", stepfunctions).start(an_order_placed())


class TestName:
    """`StartExecution` allows 1 to 80 characters and excludes some; it recommends letters, digits, `-` and `_`."""

    @given(PLACED)
    def test_is_valid_for_step_functions(self, placed):
        name = execution_name(placed)

        assert re.fullmatch("[A-Za-z0-9._-]{1,80}", name)

    @given(PLACED)
    def test_starts_with_the_order_id(self, placed):
        assert execution_name(placed).startswith(f"{placed.id}-")

    @given(PLACED, PLACED)
    def test_is_unique_per_order(self, one, other):
        assert execution_name(one) == execution_name(msgspec.structs.replace(one))
        assert (execution_name(one) == execution_name(other)) is (one.key == other.key)

    def test_has_room_for_the_longest_id(self):
        longest = msgspec.convert("x" * 64, OrderId)

        assert len(execution_name(OrderPlaced(msgspec.convert("x" * 128, Customer), longest, "x" * 128, 10**13))) == 80


class TestAnswer:
    """Uses a stub, because moto accepts any token."""

    TOKEN = "AAAAKgAAAAIAAAAAAAAAAQ"

    @pytest.fixture
    def stub(self, clients):
        with Stubber(clients["stepfunctions"]) as stub:
            yield stub
            stub.assert_no_pending_responses()

    @pytest.fixture
    def answer(self, clients):
        return lambda outcome: StateMachine("arn", clients["stepfunctions"]).answer(self.TOKEN, outcome)

    def test_contains_the_outcome(self, stub, answer):
        output = {"outcome": "accepted", "amount": 0, "revision": "", "reason": "", "waited_ms": None}
        expected = {"taskToken": self.TOKEN, "output": json.dumps(output, separators=(",", ":"))}
        stub.add_response("send_task_success", {}, expected)

        assert answer(Outcome("accepted")) is True

    @pytest.mark.parametrize("error", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
    def test_returns_false_if_no_task_is_waiting(self, stub, answer, error):
        stub.add_client_error("send_task_success", error)

        assert answer(Outcome("accepted")) is False

    def test_other_errors_are_raised(self, stub, answer, clients):
        stub.add_client_error("send_task_success", "ThrottlingException")

        with pytest.raises(clients["stepfunctions"].exceptions.ClientError, match="ThrottlingException"):
            answer(Outcome("accepted"))
