"""The web app: a private bucket, and a distribution before it."""
