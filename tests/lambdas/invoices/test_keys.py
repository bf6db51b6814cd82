from collections import Counter

from lambdas.invoices.keys import INDEXES, SHARDS, index_keys, shard
from lambdas.invoices.models import InvoiceStatus
from lambdas.orders.service import new_id
from tests.lambdas.builders import NOON
from tests.lambdas.invoices.world import an_invoice


def test_a_new_invoice_is_in_every_index_but_that_of_links():
    invoice = an_invoice(status=InvoiceStatus.SENT)
    own = shard(invoice.id)

    assert index_keys(invoice) == {"_shard": own, "_shardStatus": f"{own}#sent", "_userStatus": "ann#sent"}
    assert {index.partition_key for index in INDEXES} - index_keys(invoice).keys() == {"_link"}


def test_invoices_spread_over_all_shards():
    shares = Counter(shard(new_id(NOON)) for _ in range(4000))

    assert shares.keys() == set(SHARDS)
    assert min(shares.values()) > 800
