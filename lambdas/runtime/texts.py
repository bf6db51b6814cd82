"""Text that people enter, in the form in which it is kept and compared."""

import unicodedata

JOINERS = "\u200c\u200d"
"""Format characters that change what is visible: in some scripts, and in emoji."""


def normalized(name: str, field: str, most: int) -> str:
    """A name in the form in which names are kept and compared: NFC, without format characters such as zero-width
    spaces, and without surrounding white space.

    Raises `ValueError`, which names the field, if nothing is left or more than `most` characters.
    """
    if name.isascii() and name == name.strip():
        return name
    return _bounded("".join(each for each in name if unicodedata.category(each) != "Cf"), field, most)


def one_line(text: str, field: str, most: int) -> str:
    """A line for people to read: as `normalized`, but with the joiners that emoji need. Also raises `ValueError` for
    control characters, such as line breaks."""
    kinds = {each: unicodedata.category(each) for each in text}
    if "Cc" in kinds.values():
        raise ValueError(f"Expected no control characters, such as line breaks, in `{field}`")
    line = _bounded("".join(each for each in text if each in JOINERS or kinds[each] != "Cf"), field, most)
    if not line.strip(JOINERS):
        raise ValueError(f"Expected at least one visible character in `{field}`")
    return line


def _bounded(text: str, field: str, most: int) -> str:
    """The text in NFC, which can be longer than the text that was sent."""
    kept = unicodedata.normalize("NFC", text).strip()
    if not kept:
        raise ValueError(f"Expected at least one visible character in `{field}`")
    if len(kept) > most:
        raise ValueError(f"Expected at most {most} characters in `{field}`")
    return kept
