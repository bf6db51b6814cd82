"""The café's functions: one thin handler a file, and the domain code that they share."""
