"""Valid pictures, and files that are not pictures."""

import base64
import io
import struct
import zlib

from PIL import Image

from lambdas.photos.models import MAX_FORM_BYTES

SUFFIXES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif"}
HTML = b"<!DOCTYPE html><script>alert(document.domain)</script>"
SCRIPT = b"#!/bin/sh\nrm -rf /\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
ZIP = b"PK\x05\x06" + bytes(18)
ELF = b"\x7fELF\x02\x01\x01" + bytes(57)


def picture(format="PNG", size=(8, 6), mode="RGB", **options):
    """A picture created with Pillow."""
    image = Image.radial_gradient("L").resize(size).convert(mode)
    written = io.BytesIO()
    image.save(written, format, **options)
    return written.getvalue()


def frames(format, count=3, size=(8, 6)):
    """An animated picture."""
    first, *rest = [Image.new("RGB", size, (n * 40 % 256, n * 7 % 256, 90)) for n in range(count)]
    written = io.BytesIO()
    first.save(written, format, save_all=True, append_images=rest, duration=40)
    return written.getvalue()


def chunk(kind, data):
    """A PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, data=b"", depth=1, color=0):
    """A PNG with the given size in its header, whatever its data."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")


def large_png(size):
    """A PNG of exactly `size` bytes, padded with a chunk that decoders ignore."""
    small = picture("PNG", (64, 64))
    return small[:-12] + chunk(b"teSt", bytes(size - len(small) - 12)) + small[-12:]


def riff(*chunks):
    """A WebP with the given chunks."""
    body = b"WEBP" + b"".join(
        kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for kind, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def one_bit_wrong(content):
    """A PNG with one flipped bit in its image data."""
    at = content.index(b"IDAT") + 8
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


PICTURES = {
    **{kind.lower(): picture(kind) for kind in SUFFIXES},
    **{f"{kind.lower()}, one pixel": picture(kind, (1, 1)) for kind in SUFFIXES},
    **{f"{kind.lower()}, large": picture(kind, (1200, 900)) for kind in SUFFIXES},
    "jpeg, progressive": picture("JPEG", (300, 200), progressive=True),
    "jpeg, grayscale": picture("JPEG", mode="L"),
    "jpeg, cmyk": picture("JPEG", mode="CMYK"),
    "jpeg, with restarts": picture("JPEG", (300, 200), restart_marker_rows=1),
    "jpeg, with a comment": picture("JPEG", comment=b"\xff\xd9 not the end"),
    "jpeg, with fill bytes": picture("JPEG").replace(b"\xff\xdb", b"\xff\xff\xff\xdb", 1),
    "png, with transparency": picture("PNG", mode="RGBA"),
    "png, one bit": picture("PNG", mode="1"),
    "png, palette": picture("PNG", mode="P"),
    "png, animated": frames("PNG"),
    "webp, lossless": picture("WEBP", lossless=True),
    "webp, with transparency": picture("WEBP", mode="RGBA"),
    "webp, animated": frames("WEBP"),
    "gif, animated": frames("GIF"),
    "png, largest size of a form": large_png(MAX_FORM_BYTES),
}
"""Valid pictures of every format."""

WHOLE = {kind: picture(kind, (40, 30)) for kind in SUFFIXES}

NOT_PICTURES = {
    "a script": SCRIPT,
    "a page": HTML,
    "an svg": SVG,
    "an svg with a header": b'<?xml version="1.0"?>\n' + SVG,
    "a pdf": PDF,
    "a zip": ZIP,
    "a program": ELF,
    "json": b'{"photo": true}',
    "text": "ein Bild, größer als jedes andere".encode(),
    "one byte": b"\xff",
    "zeros": bytes(1000),
    "a tiff": picture("TIFF"),
    "a bmp": picture("BMP"),
    "an ico": picture("ICO", (16, 16)),
    "a jpeg 2000": picture("JPEG2000"),
    "a ppm": picture("PPM"),
    "a tga": picture("TGA"),
    "an eps": picture("EPS"),
    "a pcx": picture("PCX"),
    "an icns": picture("ICNS", (32, 32)),
    "a dds": picture("DDS"),
    "a pdf of a picture": picture("PDF"),
    "a jpeg that contains a second one": frames("MPO"),
    **{f"{kind} and a page": content + HTML for kind, content in WHOLE.items()},
    **{f"{kind} and a zip": content + ZIP for kind, content in WHOLE.items()},
    **{f"{kind} and itself": content * 2 for kind, content in WHOLE.items()},
    **{f"{kind} and one byte": content + b"\0" for kind, content in WHOLE.items()},
    **{f"{kind} behind a page": HTML + content for kind, content in WHOLE.items()},
    **{f"half of a {kind}": content[: len(content) // 2] for kind, content in WHOLE.items()},
    **{f"{kind} without its last byte": content[:-1] for kind, content in WHOLE.items()},
    **{f"the first bytes of a {kind}": content[:12] for kind, content in WHOLE.items()},
    "a png with one wrong bit": one_bit_wrong(WHOLE["PNG"]),
    "a png without its end": WHOLE["PNG"][:-12],
    "a png of 60,000 by 60,000": png(60_000, 60_000),
    "a complete png of 9,000 by 9,000": png(9_000, 9_000, bytes((9_000 // 8 + 1) * 9_000)),
    "a png of no size": png(0, 0),
    "a gif of 65,535 by 65,535": b"GIF89a\xff\xff\xff\xff\x00\x00\x00,\0\0\0\0\xff\xff\xff\xff\0\x02\x02L\x01\0;",
    "a gif with too many frames": frames("GIF", 1_100, (1, 1)),
    "a gif that is a script": b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)",
    "a webp with an unknown chunk": riff((b"VP8L", picture("WEBP", lossless=True)[20:]), (b"EVIL", HTML)),
    "a webp that is an avi": b"RIFF" + struct.pack("<I", 4) + b"AVI ",
    "a webp of a page": riff((b"VP8 ", HTML)),
}
"""Files that claim to be pictures."""


def encoded(content):
    return base64.b64encode(content).decode()


def data_url(content, type="image/png"):
    return f"data:{type};base64,{encoded(content)}"
