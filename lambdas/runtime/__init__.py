"""Code shared by all handlers: HTTP, batches, logs, metrics, ids and clients. It is independent of any domain."""
