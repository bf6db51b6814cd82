"""Text that people enter, in the form in which it is kept and compared."""

import unicodedata

JOINERS = "\u200c\u200d"
"""Format characters that change what is visible: in some scripts, and in emoji."""


def normalized(name: str) -> str:
    """A name in the form in which names are kept and compared: NFC, without format characters such as zero-width
    spaces, and without surrounding white space. Raises `ValueError` if nothing is left."""
    if name.isascii() and name == name.strip():
        return name
    visible = "".join(each for each in name if unicodedata.category(each) != "Cf")
    kept = unicodedata.normalize("NFC", visible).strip()
    if not kept:
        raise ValueError("Expected at least one visible character")
    return kept


def one_line(text: str, field: str) -> str:
    """A line for people to read: as `normalized`, but with the joiners that emoji need. Raises `ValueError`, which
    names the field, for control characters such as line breaks, and if nothing is left."""
    if any(unicodedata.category(each) == "Cc" for each in text):
        raise ValueError(f"Expected no control characters, such as line breaks, in `{field}`")
    visible = "".join(each for each in text if each in JOINERS or unicodedata.category(each) != "Cf")
    line = unicodedata.normalize("NFC", visible).strip()
    if not line.strip(JOINERS):
        raise ValueError(f"Expected at least one visible character in `{field}`")
    return line


def at_most(text: str, length: int, field: str) -> str:
    """The text. Raises `ValueError` if it is longer: some texts are, once they are normalized."""
    if len(text) > length:
        raise ValueError(f"Expected at most {length} characters in `{field}`")
    return text
