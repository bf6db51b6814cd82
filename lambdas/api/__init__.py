"""The HTTP API: its routes, and what their bodies are."""
