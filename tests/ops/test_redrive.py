"""Redriven messages arrive unchanged, and no failure loses a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.queues import Queue, held
from ops.redrive import copy_of, redrive
from ops.stack import Stack
from tests.ops.conftest import receive_all
from tests.ops.fakes import FakeSqs, refused

ORDERS = Queue("orders", "dlq", "queue", "accept")
INTAKE = Queue("intake", "dlq", "queue", "create")
BINARY = bytes(range(256))
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


def stack_of(sqs):
    return Stack({}, {"sqs": sqs}.__getitem__)


def filled(sqs, *bodies):
    for body in bodies:
        sqs.put("dlq", {"MessageBody": body})
    return sqs


def outcomes_of(sqs, queue=ORDERS):
    outcomes = []
    redrive(stack_of(sqs), queue, outcomes.append)
    return outcomes


def fail():
    raise refused("It")


def interrupt():
    raise KeyboardInterrupt


class TestArrival:
    def send(self, sqs, url, body="{}", **more):
        return sqs.send_message(QueueUrl=url, MessageBody=body, **more)["MessageId"]

    def test_attributes_of_every_type_and_the_trace_header_are_kept(self, stack, sqs, run):
        attributes = {
            "customer": {"DataType": "String", "StringValue": "Zoë ☕"},
            "count": {"DataType": "Number.int", "StringValue": "7"},
            "raw": {"DataType": "Binary.png", "BinaryValue": BINARY},
        }
        trace = {"AWSTraceHeader": {"DataType": "String", "StringValue": TRACE}}
        dead = stack.outputs["ordersDlqUrl"]
        self.send(sqs, dead, MessageAttributes=attributes, MessageSystemAttributes=trace)

        assert run("redrive", "orders") == (0, ["orders: 1 sent back, 0 remaining"], [])

        [message] = receive_all(sqs, stack.outputs["ordersQueueUrl"]).values()
        assert message["MessageAttributes"] == attributes
        assert message["Attributes"]["AWSTraceHeader"] == TRACE
        assert receive_all(sqs, stack.outputs["ordersDlqUrl"]) == {}

    @pytest.mark.parametrize(
        "body", [" ", "☕ é \U0001f950 \n\t", "{", "x" * 262_144], ids=["blank", "☕", "{", "huge"]
    )
    def test_a_body_arrives_unchanged(self, stack, sqs, run, body):
        self.send(sqs, stack.outputs["kitchenDlqUrl"], body)

        assert run("redrive", "kitchen")[0] == 0

        assert receive_all(sqs, stack.outputs["kitchenQueueUrl"]).keys() == {body}

    def test_a_queued_order_keeps_its_first_message_id_over_several_redrives(self, stack, sqs, run):
        dead, alive = stack.outputs["intakeDlqUrl"], stack.outputs["intakeQueueUrl"]
        first = self.send(sqs, dead)
        for _ in range(3):
            assert run("redrive", "intake")[0] == 0
            [message] = receive_all(sqs, alive).values()
            assert message["MessageId"] != first
            assert message["MessageAttributes"] == {"orderId": {"DataType": "String", "StringValue": first}}
            sqs.delete_message(QueueUrl=alive, ReceiptHandle=message["ReceiptHandle"])
            # It returns to the dead-letter queue with its attributes.
            self.send(sqs, dead, MessageAttributes=message["MessageAttributes"])

    @pytest.mark.parametrize("queue", ["orders", "kitchen"])
    def test_other_messages_do_not_get_an_order_id(self, stack, sqs, run, queue):
        self.send(sqs, stack.outputs[f"{queue}DlqUrl"])

        run("redrive", queue)

        [message] = receive_all(sqs, stack.outputs[f"{queue}QueueUrl"]).values()
        assert "MessageAttributes" not in message

    def test_fields_that_sqs_adds_to_an_attribute_are_not_sent(self):
        value = {"DataType": "String", "StringValue": "ann", "StringListValues": [], "BinaryListValues": []}

        sent = copy_of({"MessageId": "1", "Body": "b", "MessageAttributes": {"customer": value}}, names_order=False)

        assert sent["MessageAttributes"] == {"customer": {"DataType": "String", "StringValue": "ann"}}


class TestSelection:
    def test_all_queues_by_default(self, stack, sqs, run):
        for queue in ("orders", "intake", "kitchen"):
            sqs.send_message(QueueUrl=stack.outputs[f"{queue}DlqUrl"], MessageBody=queue)

        code, out, err = run("redrive")

        assert (code, err) == (0, [])
        assert out == [
            "orders: 1 sent back, 0 remaining",
            "intake: 1 sent back, 0 remaining",
            "stream: empty",
            "kitchen: 1 sent back, 0 remaining",
        ]
        for queue in ("orders", "intake", "kitchen"):
            assert receive_all(sqs, stack.outputs[f"{queue}QueueUrl"]).keys() == {queue}

    def test_only_the_named_queues(self, stack, sqs, run):
        for queue in ("orders", "intake", "kitchen"):
            sqs.send_message(QueueUrl=stack.outputs[f"{queue}DlqUrl"], MessageBody=queue)

        _, out, _ = run("redrive", "kitchen", "orders", "kitchen")

        assert out == ["kitchen: 1 sent back, 0 remaining", "orders: 1 sent back, 0 remaining"]
        assert receive_all(sqs, stack.outputs["intakeDlqUrl"]).keys() == {"intake"}

    def test_more_messages_than_one_request_returns(self, stack, sqs, run):
        bodies = {str(n) for n in range(25)}
        for body in bodies:
            sqs.send_message(QueueUrl=stack.outputs["ordersDlqUrl"], MessageBody=body)

        assert run("redrive", "orders")[1] == ["orders: 25 sent back, 0 remaining"]
        assert receive_all(sqs, stack.outputs["ordersQueueUrl"]).keys() == bodies

    def test_a_message_that_fails_again_immediately_is_sent_back_once(self):
        sqs = filled(FakeSqs(), *"abcdefghijkl")
        # A message moved by a redrive policy keeps its id.
        sqs.handle = lambda url, message: sqs.put("dlq", message)

        outcomes = outcomes_of(sqs)

        assert [outcome.sent for outcome in outcomes] == [True] * 12
        assert sqs.bodies("dlq") == list("abcdefghijkl")
        assert sqs.hidden("dlq") == []

    def test_a_message_that_arrives_during_a_redrive_stays_visible(self):
        sqs = filled(FakeSqs(), "a")

        def handle(url, message):
            sqs.put("dlq", {"MessageBody": "new"})
            return sqs.put(url, message)

        sqs.handle = handle

        assert len(outcomes_of(sqs)) == 1
        assert (sqs.bodies("queue"), sqs.bodies("dlq"), sqs.hidden("dlq")) == (["a"], ["new"], [])

    def test_a_message_delivered_twice_is_sent_back_once_and_deleted_by_its_latest_receipt(self):
        sqs = filled(FakeSqs(), *"abcdefghijk")
        receive, first = sqs.receive_message, []

        def twice(**request):
            answer = receive(**request)
            if not first:
                first.extend(answer["Messages"])
                sqs.queues["dlq"][first[0]["MessageId"]]["hidden"] = False
            return answer

        sqs.receive_message = twice

        assert len(outcomes_of(sqs)) == 11
        assert (sqs.bodies("queue"), sqs.bodies("dlq")) == (list("abcdefghijk"), [])


class TestFailures:
    def test_a_message_that_cannot_be_sent_stays_and_the_others_are_sent(self):
        sqs = filled(FakeSqs([(None, None)] * 2 + [(fail, None)]), "a", "b", "c")

        outcomes = outcomes_of(sqs)

        assert [(o.sent, o.problem) for o in outcomes] == [
            (True, None),
            (False, "An error occurred (ServiceUnavailable) when calling the It operation: not now"),
            (True, None),
        ]
        assert (sqs.bodies("queue"), sqs.bodies("dlq"), sqs.hidden("dlq")) == (["a", "c"], ["b"], [])

    def test_a_message_that_cannot_be_deleted_is_in_both_queues(self):
        sqs = filled(FakeSqs([(None, None), (fail, None)]), "a")

        [outcome] = outcomes_of(sqs)

        assert outcome.sent
        assert outcome.problem.startswith("sent back, but could not be deleted: An error occurred")
        assert (sqs.bodies("queue"), sqs.bodies("dlq"), sqs.hidden("dlq")) == (["a"], ["a"], [])

    @pytest.mark.parametrize("fault", [(interrupt, None), (None, interrupt)], ids=["before it is sent", "after"])
    def test_an_interrupt_loses_and_hides_no_message(self, fault):
        sqs = filled(FakeSqs([(None, None)] * 2 + [fault]), "a", "b", "c")

        with pytest.raises(KeyboardInterrupt):
            outcomes_of(sqs)

        assert set(sqs.bodies("queue")) >= {"a"}
        assert (sqs.bodies("dlq"), sqs.hidden("dlq")) == (["b", "c"], [])

    def test_a_message_too_large_for_its_queue_stays_with_the_reason(self, stack, sqs, run):
        limits = {"MaximumMessageSize": "1024"}
        sqs.set_queue_attributes(QueueUrl=stack.outputs["ordersQueueUrl"], Attributes=limits)
        id_ = sqs.send_message(QueueUrl=stack.outputs["ordersDlqUrl"], MessageBody="x" * 1025)["MessageId"]

        code, [summary, line], err = run("redrive", "orders")

        assert (code, summary, err) == (1, "orders: 0 sent back, 1 remaining", [])
        assert line.startswith(f"  {id_}: An error occurred (InvalidParameterValue)")
        assert len(receive_all(sqs, stack.outputs["ordersDlqUrl"])) == 1

    faults = st.sampled_from([(None, None), (fail, None), (None, fail), (interrupt, None), (None, interrupt)])

    @given(bodies=st.lists(st.text(), max_size=13), faults=st.lists(faults), queue=st.sampled_from([ORDERS, INTAKE]))
    def test_after_any_failure_every_message_is_in_a_queue_and_visible(self, bodies, faults, queue):
        sqs = filled(FakeSqs(faults), *bodies)
        unsent = dict(sqs.queues.get("dlq", {}))
        outcomes = []

        try:
            redrive(stack_of(sqs), queue, outcomes.append)
        except KeyboardInterrupt:
            pass
        else:
            assert {outcome.id for outcome in outcomes} == set(unsent)

        def order_ids(url):
            messages = sqs.queues.get(url, {}).values()
            return [
                m.get("MessageAttributes", {}).get("orderId", {}).get("StringValue", m["MessageId"]) for m in messages
            ]

        if queue is INTAKE:
            assert {*order_ids("queue"), *order_ids("dlq")} == set(unsent)
        assert not [body for body in bodies if body not in sqs.bodies("queue") + sqs.bodies("dlq")]
        assert len(sqs.bodies("queue") + sqs.bodies("dlq")) >= len(bodies)
        assert sqs.hidden("dlq") == []
        done = {outcome.id for outcome in outcomes if outcome.problem is None}
        assert not done & sqs.queues.get("dlq", {}).keys()

    def test_a_failed_receive_makes_received_messages_visible_again(self):
        sqs = filled(FakeSqs(), *"abcdefghijkl")
        receive, calls = sqs.receive_message, []

        def failing(**request):
            calls.append(request)
            if len(calls) == 2:
                fail()
            return receive(**request)

        sqs.receive_message = failing
        with pytest.raises(type(refused("It"))), held(sqs, "dlq"):
            pass

        assert (len(sqs.bodies("dlq")), sqs.hidden("dlq")) == (12, [])
