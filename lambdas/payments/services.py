"""The payment provider, configured by environment variables."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.payments.provider import PaymentProvider


def payments() -> "PaymentProvider":
    """The payments in the table `PAYMENTS_TABLE`, answered with `PAYMENT_ANSWER`. Not cached, because its users are."""
    from lambdas.payments.provider import Answer, PaymentProvider

    return PaymentProvider(os.environ["PAYMENTS_TABLE"], Answer(os.environ["PAYMENT_ANSWER"]))
