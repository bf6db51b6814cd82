"""A simulated payment provider: no money moves; otherwise it behaves like a real one.

The caller chooses a payment's key. A repeated request with the same key takes effect once, also under concurrency:
each change is a single conditional write. Its answer is configurable, to test how the café handles failures.
"""

from enum import StrEnum
from typing import TYPE_CHECKING

from lambdas.payments.errors import ProviderUnavailable
from lambdas.runtime import aws

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient


class Answer(StrEnum):
    """How the provider answers a charge: approve, decline, or not respond."""

    APPROVED = "approved"
    DECLINED = "declined"
    UNAVAILABLE = "unavailable"


class PaymentStatus(StrEnum):
    """The status of a payment."""

    PAID = "paid"
    REFUNDED = "refunded"
    VOID = "void"
    """Voided before it was charged. It can no longer be charged."""


class PaymentProvider:
    """Stores payments in a table with the key `id`. Amounts are integers in minor units (cents)."""

    def __init__(self, table: str, answer: Answer = Answer.APPROVED, client: "DynamoDBClient | None" = None) -> None:
        self._table = table
        self._answer = answer
        self._client: DynamoDBClient = client or aws.client("dynamodb")

    def charge(self, key: str, amount: int) -> bool:
        """Charge an amount. Return whether it is paid. Raises `ProviderUnavailable`."""
        if self._answer is Answer.UNAVAILABLE:
            raise ProviderUnavailable("the payment provider does not respond")
        if self._answer is Answer.DECLINED:
            return False
        return self._put(key, PaymentStatus.PAID, amount) is PaymentStatus.PAID

    def refund(self, key: str) -> bool:
        """Refund a payment. Return whether this call refunded it. If nothing was paid, void the payment, so that a
        charge still in flight has no effect."""
        if self._put(key, PaymentStatus.VOID, 0) is not PaymentStatus.PAID:
            return False
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"id": {"S": key}},
                UpdateExpression="SET #status = :refunded",
                ConditionExpression="#status = :paid",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":paid": {"S": PaymentStatus.PAID},
                    ":refunded": {"S": PaymentStatus.REFUNDED},
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False  # another call has refunded it in the meantime
        return True

    def _put(self, key: str, status: PaymentStatus, amount: int) -> PaymentStatus:
        """Write a payment unless the key exists. Return the status of the stored payment."""
        try:
            self._client.put_item(
                TableName=self._table,
                Item={"id": {"S": key}, "status": {"S": status}, "amount": {"N": str(amount)}},
                ConditionExpression="attribute_not_exists(id)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            return PaymentStatus(error.response["Item"]["status"]["S"])  # type: ignore[typeddict-item]
        return status
