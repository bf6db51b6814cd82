"""A copy of the ledger in a bucket, out of reach of the functions that write the ledger.

They could overwrite entries and recompute the chain, so that it fits again. They cannot write to this bucket, and each
object's name has the hash of its entry: another entry with the same number is another object.
"""

from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from lambdas.invoices.ledger import Entry
from lambdas.runtime import aws

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client


def prefix_of(user: str) -> str:
    """The prefix of a payee's keys. The name is encoded, so that it cannot be part of another payee's."""
    return f"{quote(user, safe='')}/"


class Anchor:
    """The bucket, for the function that writes to it."""

    def __init__(self, bucket: str, client: "S3Client | None" = None) -> None:
        self._bucket = bucket
        self._client: S3Client = client or aws.client("s3")

    def keep(self, entry: Entry) -> None:
        """Store an entry. Repeating it changes nothing."""
        self._client.put_object(
            Bucket=self._bucket,
            Key=f"{prefix_of(entry.user_id)}{entry.sequence:012d}-{entry.hash}",
            Body=msgspec.json.encode(entry),
            ContentType="application/json",
        )
