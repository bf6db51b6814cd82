"""Code shared by all handlers: HTTP, batches, logs, metrics, IDs and clients. It is independent of any domain."""
