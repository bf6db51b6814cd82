"""Photos: uploads, format checks, quotas and storage."""
