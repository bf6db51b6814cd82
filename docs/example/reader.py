"""The handler of the example's function."""

from typing import Any


def handler(event: dict[str, Any], context: object) -> dict[str, list[object]]:
    """Print each message."""
    for record in event["Records"]:
        print(record["body"])
    return {"batchItemFailures": []}
