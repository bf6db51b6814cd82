"""What every handler stands on: HTTP, batches, logs, metrics, ids and clients. Nothing here knows a domain."""
