"""Valid pictures, and files that are not pictures."""

import base64
import io
import struct
import zlib

from PIL import Image, PngImagePlugin

from lambdas.photos.models import MAX_FORM_BYTES, MAX_UPLOAD_BYTES

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

TRAILERS = {
    "one byte": b"\0",
    "padding": bytes(4096),
    "a page": HTML,
    "a zip": ZIP,
    "a second picture": picture("JPEG", (20, 10)),
}
"""What phones and programs leave behind a picture's end, and what an attacker might."""


def located(format):
    """A picture with a position in its metadata, rotated by 90 degrees."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (50.0, 6.0, 31.0)})
    written = io.BytesIO()
    image = Image.new("RGB", (40, 30), "red")
    match format:
        case "PNG":
            text = PngImagePlugin.PngInfo()
            text.add_itxt("XML:com.adobe.xmp", "<GPSLatitude>50,6.5N</GPSLatitude>")
            image.save(written, format, exif=exif, pnginfo=text)
        case "GIF":
            image.save(written, format)
            xmp = b"\x21\xff\x0bXMP DataXMP" + b"\x22<GPSLatitude>50,6.5N</GPSLatitude>" + b"\0"
            return written.getvalue()[:-1] + xmp + b";"
        case _:
            image.save(written, format, exif=exif, xmp=b"<GPSLatitude>50,6.5N</GPSLatitude>")
    return written.getvalue()


def scans(count, size):
    """A progressive JPEG with a number of scans more than usual."""
    whole = picture("JPEG", size, progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last * count + whole[-2:]


def within(content, marker, more):
    """A file with more content in front of a marker."""
    at = content.index(marker)
    return content[:at] + more + content[at:]


BOMBS = {
    "a jpeg with fill bytes in its data": WHOLE["JPEG"][:-2] + b"\xff" * MAX_UPLOAD_BYTES,
    "a jpeg with fill bytes in front of its data": within(WHOLE["JPEG"], b"\xff\xda", b"\xff" * MAX_UPLOAD_BYTES),
    "a jpeg with 2,500 scans": scans(2_500, (300, 200)),
    "a large jpeg with 90 scans": scans(80, (7_000, 7_000)),
    "a jpeg with millions of segments": within(WHOLE["JPEG"], b"\xff\xda", b"\xff\xe3\0\2" * 5_000_000),
    "a png with a million chunks": within(WHOLE["PNG"], b"\0\0\0\0IEND", chunk(b"IDAT", b"") * 1_500_000),
    "a png with a large profile": within(
        WHOLE["PNG"], WHOLE["PNG"][33:41], chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(500_000_000)))
    ),
    "a jpeg with repeated Exif segments": within(
        WHOLE["JPEG"],
        b"\xff\xdb",
        (b"\xff\xe1\0\x22Exif\0\0" + struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, 6, 0, 0)) * 190_000,
    ),
    "a png with many profiles": within(
        WHOLE["PNG"], WHOLE["PNG"][33:41], chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(1_000_000))) * 19_000
    ),
    "a png with large texts": within(
        WHOLE["PNG"], WHOLE["PNG"][33:41], chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(500_000_000))) * 5
    ),
    "a png with a large directory": within(
        WHOLE["PNG"], WHOLE["PNG"][33:41], chunk(b"eXIf", b"MM\0*\0\0\0\x08\xff\xff" + bytes(MAX_UPLOAD_BYTES))
    ),
    "a gif with millions of blocks": WHOLE["GIF"][:-1] + b"\x21\xf9" + b"\1\0" * 5_000_000 + b"\0;",
    "a gif with millions of extensions": WHOLE["GIF"][:-1] + b"\x21\xf9\0" * 5_000_000 + b";",
    "a webp with a million chunks": riff(*[(b"ICCP", b"")] * 1_500_000, (b"VP8L", WHOLE["WEBP"][20:])),
}
"""Small or allowed files that would take long to decode."""

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
    "a webp that is an avi": b"RIFF" + struct.pack("<I", 4) + b"AVI ",
    "a webp of a page": riff((b"VP8 ", HTML)),
}
"""Files that claim to be pictures."""


def encoded(content):
    return base64.b64encode(content).decode()


def data_url(content, type="image/png"):
    return f"data:{type};base64,{encoded(content)}"
