import contextlib
import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lambdas.photos.formats import CLEAN
from lambdas.photos.models import ContentType
from lambdas.photos.pictures import examine
from lambdas.runtime.errors import Refusal
from tests.lambdas.photos.files import (
    BOMBS,
    HTML,
    NOT_PICTURES,
    PICTURES,
    SUFFIXES,
    TRAILERS,
    WHOLE,
    chunk,
    frames,
    located,
    picture,
    riff,
    within,
)

TYPES = dict(zip(SUFFIXES, [ContentType.JPEG, ContentType.PNG, ContentType.WEBP, ContentType.GIF], strict=True))

BOMB_SECONDS = 5
"""The most that any file may take: a quarter of the function's time."""


@pytest.mark.parametrize("name", PICTURES)
def test_a_pictures_type_is_detected(name):
    assert examine(PICTURES[name]).content_type == f"image/{name.partition(',')[0]}"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_without_metadata_stays_as_it_is(name):
    assert examine(PICTURES[name]).content == PICTURES[name]


@pytest.mark.parametrize("trailer", TRAILERS)
@pytest.mark.parametrize("format", WHOLE)
def test_a_trailer_is_removed(format, trailer):
    assert examine(WHOLE[format] + TRAILERS[trailer]) == (TYPES[format], WHOLE[format])


@pytest.mark.parametrize(
    "content",
    [
        picture("JPEG", comment=b"GPS \xff\xd9 not the end"),
        within(WHOLE["JPEG"], b"\xff\xdb", b"\xff\xe6\0\x0aGoPrGPS\0"),
        within(WHOLE["JPEG"], b"\xff\xdb", b"\xff\xe2\0\x0aFPXRGPS\0"),
        within(WHOLE["PNG"], b"\0\0\0\0IEND", chunk(b"caBX", b"GPS")),
        within(WHOLE["PNG"], b"\0\0\0\0IEND", chunk(b"tEXt", b"Raw profile type exif\0GPS")),
        WHOLE["PNG"][:-12] + chunk(b"IEND", b"GPS"),
        WHOLE["GIF"][:-1] + b"\x21\xfe\3GPS\0;",
        WHOLE["GIF"][:-1] + b"\x21\xff\x0bMGK8BIM0000\3GPS\0;",
    ],
    ids=["comment", "camera", "flashpix", "history", "text", "end", "gif comment", "gif iptc"],
)
def test_other_places_for_a_position_are_removed(content):
    assert b"GPS" not in examine(content).content


def test_of_several_pictures_in_a_jpeg_the_first_stays():
    kept = examine(frames("MPO")).content

    with Image.open(io.BytesIO(kept)) as image:
        assert (image.format, image.size, b"MPF" in kept) == ("JPEG", (8, 6), False)


def test_an_unknown_webp_chunk_is_removed():
    lossless = (b"VP8L", picture("WEBP", lossless=True)[20:])

    assert examine(riff(lossless, (b"EVIL", HTML))).content == riff(lossless)


@pytest.mark.parametrize("format", WHOLE)
def test_a_position_is_removed_and_the_orientation_stays(format):
    kept = examine(located(format)).content

    assert b"GPS" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert image.size == (40, 30)
        assert dict(image.getexif()) == ({} if format == "GIF" else {0x0112: 6})
    assert examine(kept).content == kept


@pytest.mark.filterwarnings("default::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("name", BOMBS)
def test_the_work_for_a_file_is_limited(name):
    content = BOMBS[name]
    started = time.process_time()

    with contextlib.suppress(Refusal):
        examine(content)

    assert time.process_time() - started < BOMB_SECONDS


@pytest.mark.filterwarnings("default::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("name", NOT_PICTURES)
def test_other_files_are_refused(name):
    with pytest.raises(Refusal) as refused:
        examine(NOT_PICTURES[name])

    assert refused.value.reason == "unsupported"
    assert "JPEG, PNG, WebP and GIF" in refused.value.detail


def test_too_large_pictures_are_not_decoded(monkeypatch):
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda image: pytest.fail("decoded"))

    with pytest.raises(Refusal, match="pixels"):
        examine(NOT_PICTURES["a complete png of 9,000 by 9,000"])


@pytest.mark.parametrize("format", WHOLE)
def test_truncated_pictures_are_refused(format):
    content = picture(format, (5, 4))

    for length in range(len(content)):
        with pytest.raises(Refusal):
            examine(content[:length])


@pytest.mark.parametrize("format", WHOLE)
@given(tail=st.binary(min_size=1, max_size=40))
def test_any_trailing_content_is_removed(format, tail):
    assert CLEAN[TYPES[format]](WHOLE[format] + tail) == WHOLE[format]


@pytest.mark.parametrize("format", WHOLE)
@given(data=st.data())
def test_cleaning_a_corrupt_file_raises_nothing(format, data):
    content = bytearray(WHOLE[format])
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=8)):
        content[at] = data.draw(st.integers(0, 255))

    kept = CLEAN[TYPES[format]](bytes(content))

    assert kept is None or len(kept) <= len(content)


@pytest.mark.parametrize("type", ContentType)
@given(content=st.binary(max_size=60))
def test_arbitrary_content_is_no_picture(type, content):
    assert CLEAN[type](content) is None
