"""The HTTP API: its routes and their request bodies."""
