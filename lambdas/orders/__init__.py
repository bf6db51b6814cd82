"""Orders: their types, lifecycle, access rules and storage."""
