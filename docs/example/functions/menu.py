"""Shows what there is."""

import json
from typing import Any


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer `GET /menu`."""
    return {"statusCode": 200, "body": json.dumps(["Espresso", "Mint tea"])}
