"""Fixes the emulator: an API key with an empty value gets one.

API Gateway generates the value of a key that has none (API reference, CreateApiKey), also if it is empty, as the AWS
provider sends it. ministack 1.5.33 refuses an empty one as too short.
"""

from typing import Any

from ministack.services import apigateway_v1


def generate_empty_api_keys() -> None:
    """Patch the emulator in this process. Call once."""
    create = apigateway_v1._create_api_key

    def create_with_value(data: dict[str, Any]) -> Any:
        return create({name: value for name, value in data.items() if name != "value" or value})

    apigateway_v1._create_api_key = create_with_value
