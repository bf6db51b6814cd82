"""The REST API as one OpenAPI document."""
