"""Where a picture ends according to its format's structure, or `None` if that is invalid. No pixels are decoded."""

import re
import zlib
from collections.abc import Callable

from lambdas.photos.models import ContentType

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
WEBP_CHUNKS = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP", b"EXIF", b"XMP "}
"""All chunks of the format (RFC 9649). Readers skip other chunks, which could hold anything."""

JPEG_MARKER = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")
"""A marker with its fill bytes. Stuffed bytes are not markers, and restart markers belong to the data (ITU T.81,
B.1.1)."""


def end_of_jpeg(content: bytes) -> int | None:
    """After the marker EOI (ITU T.81, annex B)."""
    at = 2 if content.startswith(b"\xff\xd8") else len(content)
    while marker := JPEG_MARKER.match(content, at):
        kind, at = marker[0][-1], marker.end()
        if kind == 0xD9:
            return at
        at += int.from_bytes(content[at : at + 2])
        if kind == 0xDA:
            # Compressed data follows until the next marker.
            found = JPEG_MARKER.search(content, at)
            at = found.start() if found else len(content)
    return None


def end_of_png(content: bytes) -> int | None:
    """After the chunk IEND, if every chunk's checksum is correct (PNG specification, 5.3)."""
    at = len(PNG_SIGNATURE) if content.startswith(PNG_SIGNATURE) else len(content)
    while at + 12 <= len(content):
        kind = content[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(content[at : at + 4])
        if zlib.crc32(content[at + 4 : end - 4]) != int.from_bytes(content[end - 4 : end]):
            return None
        if kind == b"IEND":
            return end
        at = end
    return None


def end_of_webp(content: bytes) -> int | None:
    """At the size in the RIFF header, if all chunks up to it are known (RFC 9649, section 2)."""
    size = 8 + int.from_bytes(content[4:8], "little")
    at = 12 if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else size + 1
    while at + 8 <= size and content[at : at + 4] in WEBP_CHUNKS:
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        at += 8 + length + length % 2
    return at if at == size else None


def end_of_gif(content: bytes) -> int | None:
    """After the trailer (GIF89a, sections 17 to 27)."""
    at = 13 + _color_table(content, 10) if content[:6] in (b"GIF87a", b"GIF89a") else len(content)
    while at < len(content):
        match content[at]:
            case 0x3B:
                return at + 1
            case 0x21:
                at = _past_blocks(content, at + 2)
            case 0x2C:
                at = _past_blocks(content, at + 11 + _color_table(content, at + 9))
            case _:
                return None
    return None


def _color_table(content: bytes, flags_at: int) -> int:
    """The length in bytes of a color table, from its flags; 0 if there is none."""
    flags = content[flags_at] if flags_at < len(content) else 0
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _past_blocks(content: bytes, at: int) -> int:
    """The offset after a series of blocks, which ends with an empty block."""
    while at < len(content) and content[at]:
        at += 1 + content[at]
    return at + 1


END_OF: dict[ContentType, Callable[[bytes], int | None]] = {
    ContentType.JPEG: end_of_jpeg,
    ContentType.PNG: end_of_png,
    ContentType.WEBP: end_of_webp,
    ContentType.GIF: end_of_gif,
}
"""The function that finds the end, by content type."""
