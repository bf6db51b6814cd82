"""Text from elsewhere, made fit for a line on a terminal."""

MAX_CHARACTERS = 1000
"""Enough to name the customers and orders of ten records."""


def short(text: object, limit: int = MAX_CHARACTERS) -> str:
    """Text as one line of at most so many characters. What would steer a terminal is replaced."""
    line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(str(text).split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"
