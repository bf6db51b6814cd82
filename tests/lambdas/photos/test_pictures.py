import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.photos.formats import END_OF
from lambdas.photos.models import ContentType
from lambdas.photos.pictures import examine
from lambdas.runtime.errors import Refusal
from tests.lambdas.photos.files import NOT_PICTURES, PICTURES, SUFFIXES, WHOLE, picture

TYPES = dict(zip(SUFFIXES, [ContentType.JPEG, ContentType.PNG, ContentType.WEBP, ContentType.GIF], strict=True))


@pytest.mark.parametrize("name", PICTURES)
def test_a_pictures_type_is_detected(name):
    assert examine(PICTURES[name]) == f"image/{name.partition(',')[0]}"


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
def test_trailing_content_does_not_move_the_end(format, tail):
    end = END_OF[TYPES[format]](WHOLE[format] + tail)

    assert end == len(WHOLE[format])


@pytest.mark.parametrize("format", WHOLE)
@given(data=st.data())
def test_a_corrupt_file_has_an_end_or_none(format, data):
    content = bytearray(WHOLE[format])
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=8)):
        content[at] = data.draw(st.integers(0, 255))

    end = END_OF[TYPES[format]](bytes(content))

    assert end is None or end > 0


@pytest.mark.parametrize("type", ContentType)
@given(content=st.binary(max_size=60))
def test_arbitrary_content_has_no_end(type, content):
    assert END_OF[type](content) is None
