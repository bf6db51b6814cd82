"""What kind of picture some bytes are, by what is in them: all that they claim to be elsewhere counts nothing."""

import io

from PIL import Image, ImageSequence, WebPImagePlugin

from lambdas.photos.ends import END_OF
from lambdas.photos.models import ContentType
from lambdas.runtime.errors import Refusal

FORMATS = {
    "JPEG": ContentType.JPEG,
    "PNG": ContentType.PNG,
    # Unless that is loaded by name, Pillow loads all it could read, some forty modules, when it comes to it.
    WebPImagePlugin.WebPImageFile.format: ContentType.WEBP,
    "GIF": ContentType.GIF,
}
"""By Pillow's name for it. Nothing else of what Pillow could read is tried."""

MAX_PIXELS = 50_000_000
"""Of all frames together: more than cameras have, and decoded within a call's time and memory."""


MAX_FRAMES = 1_000
"""A file can hold very many very small ones, and each takes its time."""


def examine(content: bytes) -> ContentType:
    """The kind of a picture that is whole, and of which nothing is left over. `Refusal` when it is not one."""
    try:
        # Reads the header alone; nothing is decoded before it is known how much there is to decode.
        with Image.open(io.BytesIO(content), formats=list(FORMATS)) as image:
            # Pillow calls a JPEG with more pictures behind it by another name.
            content_type = FORMATS.get(image.format or "")
            _decode(image)
    except Refusal:
        raise
    except Exception:  # noqa: BLE001  decoders raise whatever they stumble over
        raise _unsupported("is no picture that can be read to its end") from None
    if content_type is None or END_OF[content_type](content) != len(content):
        # A file that is two things at once is opened as the one that somebody wants it to be.
        raise _unsupported("does not end where its picture ends")
    return content_type


def _decode(image: Image.Image) -> None:
    """Decode every frame, as long as there are not too many, nor too many pixels."""
    pixels = 0
    for number, frame in enumerate(ImageSequence.Iterator(image), 1):
        pixels += frame.width * frame.height
        if pixels > MAX_PIXELS or number > MAX_FRAMES:
            raise _unsupported(f"has more than {MAX_PIXELS:,} pixels or {MAX_FRAMES:,} frames")
        frame.load()


def _unsupported(problem: str) -> Refusal:
    return Refusal("unsupported", f"The file {problem}. JPEG, PNG, WebP and GIF are allowed.")
