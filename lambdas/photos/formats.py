"""The formats of pictures: where a picture ends, and which parts of it tell where and with what it was taken.

Each function drops the metadata that may contain a position (Exif except the orientation, XMP, IPTC, comments), and
anything behind the picture's end. No pixels are decoded, and the work is linear in the size of the file. `None` is
returned for an invalid structure.
"""

import re
import struct
import zlib
from collections.abc import Callable

from lambdas.photos.models import ContentType

MAX_PARTS = 200_000
"""The most segments, chunks or blocks of a file: ten times those of the largest upload in usual parts."""

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_DROPPED = frozenset({b"tEXt", b"zTXt", b"iTXt", b"caBX"})
"""The chunks for text, in which programs store XMP and Exif data too (PNG specification, third edition, 11.3.3), and
for the history of a picture (C2PA)."""

PNG_ONCE = frozenset({b"iCCP", b"eXIf"})
"""Chunks of which only the first is kept. Decoders inflate each profile."""

PNG_END = b"\0\0\0\0IEND\xaeB`\x82"

WEBP_CHUNKS = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
"""The chunks for pixels, colors and animation (RFC 9649). Readers skip other chunks, which could hold anything."""

WEBP_EXIF, WEBP_XMP = 0x08, 0x04
"""The flags in VP8X for these chunks (RFC 9649, section 2.7)."""

GIF_EXTENSIONS = (b"\x21\xf9", b"\x21\xff\x0bNETSCAPE2.0", b"\x21\xff\x0bANIMEXTS1.0")
"""The beginnings of the extensions for timing and repetition. Others have comments, XMP and IPTC."""

JPEG_MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")
"""A marker with its fill bytes. Stuffed bytes are not markers, and restart markers belong to the data (ITU T.81,
B.1.1)."""

JPEG_END_OF_DATA = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""A marker behind compressed data. Searching for its fill bytes too would take quadratic time."""

MAX_FILL_BYTES = 16
"""The most bytes of a marker that are kept. Decoders read them one by one."""

JPEG_END, JPEG_SCAN, JPEG_COMMENT, JPEG_EXIF = 0xD9, 0xDA, 0xFE, 0xE1
JPEG_APPLICATION = range(0xE0, 0xF0)
JPEG_KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
"""The application segments that colors need, by marker, and how they begin. Others have XMP, IPTC, positions of
cameras, and lists of further pictures behind the end."""

EXIF = b"Exif\0\0"
ORIENTATION = 0x0112
MAX_EXIF_BYTES = 64 * 1024


def clean_jpeg(content: bytes) -> bytes | None:
    """A JPEG without metadata and trailer (ITU T.81, annex B)."""
    kept, at, has_exif = [content[:2]], 2, False
    if not content.startswith(b"\xff\xd8"):
        return None
    while len(kept) <= MAX_PARTS and (marker := JPEG_MARKER.match(content, at)):
        kind, data = marker[1][0], marker.end()
        if kind == JPEG_END:
            return b"".join([*kept, b"\xff\xd9"])
        end = data + int.from_bytes(content[data : data + 2])
        if kind == JPEG_SCAN:
            found = JPEG_END_OF_DATA.search(content, end)
            end = found.start() if found else len(content)
        # Decoders join repeated Exif segments, at a cost that grows with the square of their number.
        is_exif = kind == JPEG_EXIF and content.startswith(EXIF, data + 2)
        if not (is_exif and has_exif):
            kept.append(_jpeg_segment(marker[0][-MAX_FILL_BYTES:], content[data:end]))
        has_exif |= is_exif
        at = end
    return None


def _jpeg_segment(marker: bytes, content: bytes) -> bytes:
    """What stays of a segment. `content` begins with its length."""
    kind, segment, data = marker[-1], marker + content, content[2:]
    if kind == JPEG_EXIF and data.startswith(EXIF) and (exif := _only_orientation(data)):
        return b"\xff\xe1" + struct.pack(">H", 2 + len(EXIF) + len(exif)) + EXIF + exif
    if kind in JPEG_APPLICATION:
        return segment if kind in JPEG_KEPT and data.startswith(JPEG_KEPT[kind]) else b""
    return b"" if kind == JPEG_COMMENT else segment


def clean_png(content: bytes) -> bytes | None:
    """A PNG without metadata and trailer, if every chunk's checksum is correct (PNG specification, section 5.3)."""
    kept, at = [PNG_SIGNATURE], len(PNG_SIGNATURE)
    seen: set[bytes] = set()
    if not content.startswith(PNG_SIGNATURE):
        return None
    while len(kept) <= MAX_PARTS and at + 12 <= len(content):
        kind = content[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(content[at : at + 4])
        if zlib.crc32(content[at + 4 : end - 4]) != int.from_bytes(content[end - 4 : end]):
            return None
        if kind == b"IEND":
            return b"".join([*kept, PNG_END])
        is_dropped = kind in PNG_DROPPED or (kind in PNG_ONCE and kind in seen)
        kept.append(b"" if is_dropped else _clean_chunk(kind, content[at:end]))
        seen.add(kind)
        at = end
    return None


def _clean_chunk(kind: bytes, chunk: bytes) -> bytes:
    """What stays of a PNG chunk."""
    if kind != b"eXIf":
        return chunk
    exif = _only_orientation(chunk[8:-4])
    return _png_chunk(kind, exif) if exif else b""


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def clean_webp(content: bytes) -> bytes | None:
    """A WebP without metadata, unknown chunks and trailer (RFC 9649, section 2)."""
    size, at = 8 + int.from_bytes(content[4:8], "little"), 12
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or size > len(content):
        return None
    kept: list[tuple[bytes, bytes]] = []
    has_exif = False
    for _ in range(MAX_PARTS):
        if at + 8 > size:
            break
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        kind, data = content[at : at + 4], content[at + 8 : at + 8 + length]
        kept += [] if kind == b"EXIF" and has_exif else _webp_chunk(kind, data)
        has_exif |= kind == b"EXIF"
        at += 8 + length + length % 2
    if at != size:
        return None
    has_exif = any(kind == b"EXIF" for kind, _ in kept)
    chunks = (_riff_chunk(kind, _webp_flags(data, has_exif) if kind == b"VP8X" else data) for kind, data in kept)
    return _riff_chunk(b"RIFF", b"WEBP" + b"".join(chunks))


def _webp_chunk(kind: bytes, data: bytes) -> list[tuple[bytes, bytes]]:
    """What stays of a chunk: its kind and data, or nothing."""
    if kind == b"EXIF":
        exif = _only_orientation(data)
        return [(kind, exif)] if exif else []
    return [(kind, data)] if kind in WEBP_CHUNKS else []


def _webp_flags(data: bytes, has_exif: bool) -> bytes:
    """The data of VP8X that says which metadata stay."""
    return bytes([data[0] & ~(WEBP_EXIF | WEBP_XMP) | (WEBP_EXIF if has_exif else 0)]) + data[1:] if data else data


def _riff_chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def clean_gif(content: bytes) -> bytes | None:
    """A GIF without metadata, comments and trailer (GIF89a, sections 17 to 27)."""
    if content[:6] not in (b"GIF87a", b"GIF89a"):
        return None
    at = 13 + _color_table(content, 10)
    kept, blocks = [content[:at]], MAX_PARTS
    while at < len(content) and blocks > 0:
        start, kind = at, content[at]
        match kind:
            case 0x3B:
                return b"".join([*kept, content[at : at + 1]])
            case 0x21:
                at = at + 2
            case 0x2C:
                at = at + 11 + _color_table(content, at + 9)
            case _:
                return None
        while at < len(content) and content[at] and blocks > 0:
            at += 1 + content[at]
            blocks -= 1
        at, blocks = at + 1, blocks - 1
        if kind == 0x2C or content.startswith(GIF_EXTENSIONS, start):
            kept.append(content[start:at])
    return None


def _color_table(content: bytes, flags_at: int) -> int:
    """The length in bytes of a color table, from its flags; 0 if there is none."""
    flags = content[flags_at] if flags_at < len(content) else 0
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _only_orientation(exif: bytes) -> bytes:
    """Exif data with nothing but the orientation of `exif`; empty if that is the usual one."""
    orientation = _orientation(exif.removeprefix(EXIF)[:MAX_EXIF_BYTES])
    if orientation not in range(2, 9):
        return b""
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, ORIENTATION, 3, 1, orientation, 0, 0)


def _orientation(tiff: bytes) -> int:
    """The orientation in Exif data, 1 to 8; 0 if there is none (TIFF 6.0, section 2)."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4], "")
    try:
        [directory] = struct.unpack_from(f"{order}I", tiff, 4) if order else [len(tiff)]
        [count] = struct.unpack_from(f"{order}H", tiff, directory)
        for number in range(count):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, directory + 2 + 12 * number)
            if tag == ORIENTATION:
                return int(value)
    except struct.error:
        pass
    return 0


CLEAN: dict[ContentType, Callable[[bytes], bytes | None]] = {
    ContentType.JPEG: clean_jpeg,
    ContentType.PNG: clean_png,
    ContentType.WEBP: clean_webp,
    ContentType.GIF: clean_gif,
}
"""The function that cleans a picture, by content type."""
