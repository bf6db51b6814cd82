"""Which queues a stack has: those of filled orders that no invoice could be made of only where orders become some."""

from ops.queues import OPTIONAL, OUTPUTS, find_queues

NAMES = OUTPUTS["invoices"]


def test_a_stack_that_invoices_no_orders_lacks_nothing(stack):
    queues, notes = find_queues(stack, [])

    assert "invoices" in OPTIONAL
    assert "invoices" not in [queue.name for queue in queues]
    assert not any("invoices" in note for note in notes)


def test_what_the_second_reader_gave_up_are_batches_of_the_stream(stack):
    stack.outputs.update({NAMES.dead_letters: "https://sqs/failures", NAMES.function: "invoice-order"})

    [queue], _ = find_queues(stack, ["invoices"])

    assert (queue.source, queue.function) == (stack.outputs["ordersTableArn"], "invoice-order")
    assert (queue.is_stream, queue.names_orders) == (True, False)
