"""Finding a stack's queues. The queue of failed invoices is optional: only stacks that invoice orders have it."""

from ops.queues import OPTIONAL, OUTPUTS, find_queues

NAMES = OUTPUTS["invoices"]


def test_a_stack_without_invoicing_is_complete(stack):
    queues, notes = find_queues(stack, [])

    assert "invoices" in OPTIONAL
    assert "invoices" not in [queue.name for queue in queues]
    assert not any("invoices" in note for note in notes)


def test_the_failures_of_the_second_reader_are_stream_batches(stack):
    stack.outputs.update({NAMES.dead_letters: "https://sqs/failures", NAMES.function: "invoice-order"})

    [queue], _ = find_queues(stack, ["invoices"])

    assert (queue.source, queue.function) == (stack.outputs["ordersTableArn"], "invoice-order")
    assert (queue.is_stream, queue.uses_message_id) == (True, False)
