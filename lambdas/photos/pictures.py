"""Detects a picture's format from its content. A declared type is ignored."""

import io

from PIL import Image, ImageSequence, WebPImagePlugin

from lambdas.photos.formats import END_OF
from lambdas.photos.models import ContentType
from lambdas.runtime.errors import Refusal

FORMATS = {
    "JPEG": ContentType.JPEG,
    "PNG": ContentType.PNG,
    # Without this import, Pillow would load all of its plugins, some forty modules, to read WebP.
    WebPImagePlugin.WebPImageFile.format: ContentType.WEBP,
    "GIF": ContentType.GIF,
}
"""Content types by Pillow's format names. Pillow tries no other formats."""

MAX_PIXELS = 50_000_000
"""The limit for all frames together: more than cameras produce, and decodable within the function's time and memory."""


MAX_FRAMES = 1_000
"""A file can hold a large number of tiny frames, and each takes time to decode."""


def examine(content: bytes) -> ContentType:
    """The format of a picture. Raises `Refusal` unless the content is one complete picture and nothing else."""
    try:
        # Reads only the header: the size is checked before anything is decoded.
        with Image.open(io.BytesIO(content), formats=list(FORMATS)) as image:
            # Pillow uses another format name for a JPEG followed by more pictures.
            content_type = FORMATS.get(image.format or "")
            _decode(image)
    except Refusal:
        raise
    except Exception:  # noqa: BLE001  decoders raise all kinds of exceptions
        raise _unsupported("is not a complete picture") from None
    if content_type is None or END_OF[content_type](content) != len(content):
        # A polyglot file could be opened as another format, chosen by an attacker.
        raise _unsupported("has extra data or an invalid structure")
    return content_type


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
