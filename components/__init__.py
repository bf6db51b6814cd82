"""The café's infrastructure, one ComponentResource per file."""
