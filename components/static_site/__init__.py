"""The web app: a private bucket behind a distribution."""
