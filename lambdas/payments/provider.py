"""The stand-in for a payment provider: no money moves, everything else is as with a real one.

A payment has a key that the caller chooses. Whatever is asked twice for one key happens once, also concurrently: each
change is a single conditional write. To try what the café makes of failures, the stand-in can be told how to answer.
"""

from enum import StrEnum
from typing import TYPE_CHECKING

from lambdas.payments.errors import ProviderUnavailable
from lambdas.runtime import aws

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient


class Answer(StrEnum):
    """How the stand-in answers whoever wants to pay: yes, no, or not at all."""

    APPROVED = "approved"
    DECLINED = "declined"
    UNAVAILABLE = "unavailable"


class PaymentStatus(StrEnum):
    """What has become of a payment."""

    PAID = "paid"
    REFUNDED = "refunded"
    VOID = "void"
    """Called off before it was taken: it can no longer be."""


class PaymentProvider:
    """Payments in a table with the key `id`. Amounts are whole numbers of minor units (cents)."""

    def __init__(self, table: str, answer: Answer = Answer.APPROVED, client: "DynamoDBClient | None" = None) -> None:
        self._table = table
        self._answer = answer
        self._client: DynamoDBClient = client or aws.client("dynamodb")

    def charge(self, key: str, amount: int) -> bool:
        """Take an amount; whether it is paid. Raises `ProviderUnavailable`."""
        if self._answer is Answer.UNAVAILABLE:
            raise ProviderUnavailable("the payment provider does not answer")
        if self._answer is Answer.DECLINED:
            return False
        return self._put(key, PaymentStatus.PAID, amount) is PaymentStatus.PAID

    def refund(self, key: str) -> bool:
        """Give back what was paid; whether this call did. What was not paid is called off: a payment that is still on
        its way comes too late."""
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
            return False  # somebody else has given it back in the meantime
        return True

    def _put(self, key: str, status: PaymentStatus, amount: int) -> PaymentStatus:
        """Write a payment unless there is one under the key; the status of the one that is there then."""
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
