"""The payment provider, as the function's environment names it."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.payments.provider import PaymentProvider


def payments() -> "PaymentProvider":
    """Payments in the table `PAYMENTS_TABLE`, answered as `PAYMENT_ANSWER` says; for a service that is made once."""
    from lambdas.payments.provider import Answer, PaymentProvider

    return PaymentProvider(os.environ["PAYMENTS_TABLE"], Answer(os.environ["PAYMENT_ANSWER"]))
