"""Examines pictures: detects their format, limits the work of decoding, and removes what does not belong to them."""

import io
from typing import NamedTuple

from PIL import Image, ImageSequence, WebPImagePlugin

from lambdas.photos.formats import CLEAN
from lambdas.photos.models import ContentType
from lambdas.runtime.errors import Refusal

FORMATS: dict[ContentType, str] = {
    ContentType.JPEG: "JPEG",
    ContentType.PNG: "PNG",
    # Without this import, Pillow would load all of its plugins, some forty modules, to read WebP.
    ContentType.WEBP: WebPImagePlugin.WebPImageFile.format,
    ContentType.GIF: "GIF",
}
"""Pillow's format names. Pillow tries no other format than the detected one."""

MAX_PIXELS = 50_000_000
"""The limit for all frames together: more than cameras produce, and decodable within the function's time and memory."""

MAX_FRAMES = 1_000
"""A file can hold a large number of tiny frames, and each takes time to decode."""

MAX_SCANS = 100
MAX_SCANNED_PIXELS = 10 * MAX_PIXELS
"""Limits of a progressive JPEG: each scan decodes the whole picture again. Encoders write about ten."""

SCAN = b"\xff\xda"
"""A JPEG's marker SOS."""


class Picture(NamedTuple):
    """A picture that was examined: its format, and its content without metadata and trailer."""

    content_type: ContentType
    content: bytes


def examine(content: bytes) -> Picture:
    """Detect a picture's format from its content, whatever its declared type, and clean it.

    Raises `Refusal` unless the content begins with one complete picture, which is decoded to make sure.
    """
    # A file is at most one of the formats, because each begins in its own way.
    picture = next((Picture(kind, kept) for kind, clean in CLEAN.items() if (kept := clean(content))), None)
    if picture is None:
        raise _unsupported("is not a complete picture")
    try:
        # Reads only the header: the size is checked before anything is decoded.
        with Image.open(io.BytesIO(picture.content), formats=[FORMATS[picture.content_type]]) as image:
            _check_scans(picture, image)
            _decode(image)
    except (Refusal, MemoryError):
        raise
    except Exception:  # noqa: BLE001  decoders raise all kinds of exceptions
        raise _unsupported("is not a complete picture") from None
    return picture


def _check_scans(picture: Picture, image: Image.Image) -> None:
    """Raise `Refusal` if decoding a JPEG would take too long."""
    scans = picture.content.count(SCAN) if picture.content_type is ContentType.JPEG else 1
    if scans > MAX_SCANS or scans * image.width * image.height > MAX_SCANNED_PIXELS:
        raise _unsupported(f"has too many scans ({scans:,}) for its size")


def _decode(image: Image.Image) -> None:
    """Decode every frame. Raises `Refusal` if there are too many frames or pixels."""
    pixels = 0
    for number, frame in enumerate(ImageSequence.Iterator(image), 1):
        pixels += frame.width * frame.height
        if pixels > MAX_PIXELS or number > MAX_FRAMES:
            raise _unsupported(f"has more than {MAX_PIXELS:,} pixels or {MAX_FRAMES:,} frames")
        frame.load()


def _unsupported(problem: str) -> Refusal:
    return Refusal("unsupported", f"The file {problem}. Supported formats are JPEG, PNG, WebP and GIF.")
