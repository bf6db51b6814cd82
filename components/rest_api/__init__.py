"""The REST API, imported from one OpenAPI document."""
