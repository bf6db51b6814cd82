"""Formats untrusted text for one line on a terminal."""

MAX_CHARACTERS = 1000
"""Enough to name the customers and orders of ten records."""


def short(text: object, limit: int = MAX_CHARACTERS) -> str:
    """Text as one line of at most `limit` characters. Characters that control a terminal are replaced."""
    line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(str(text).split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"
