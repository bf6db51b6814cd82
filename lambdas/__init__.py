"""The café's Lambda functions: one thin handler per file, and the domain code that they share."""
