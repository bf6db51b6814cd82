import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.photos.forms import decode
from lambdas.photos.models import MAX_FORM_BYTES
from lambdas.runtime.errors import Refusal
from tests.lambdas.photos.files import data_url, encoded


@given(content=st.binary(min_size=1, max_size=2000), type=st.sampled_from(["", "image/png", "text/html;charset=utf-8"]))
def test_plain_base64_and_data_urls_are_decoded(content, type):
    assert decode(encoded(content)) == decode(data_url(content, type)) == content


def test_the_scheme_is_case_insensitive():
    assert decode(f"DATA:image/png;BASE64,{encoded(b'x')}") == b"x"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a", "not base64"),
        ("aGk", "not base64"),
        ("aGk=\n", "not base64"),
        ("a Gk=", "not base64"),
        ("aGk-_w==", "not base64"),
        ("aGk=aGk=", "not base64"),
        ("größer", "not base64"),
        ("\ud800", "not base64"),
        ("data:image/png,hello", "not base64"),
        ("data:image/png;base64,data:image/png;base64,aGk=", "not base64"),
        ("data:image/png;base64", "not base64"),
        ("data:" + "x" * 300 + ";base64,aGk=", "not base64"),
        ("https://example.com/a.png", "not base64"),
        ("", "empty"),
        ("data:image/png;base64,", "empty"),
    ],
)
def test_invalid_base64_is_refused_with_the_field(text, problem):
    with pytest.raises(Refusal) as refused:
        decode(text)

    assert refused.value.reason == "invalid"
    [error] = refused.value.errors
    assert error["field"] == "photo"
    assert problem in error["problem"]


def test_the_largest_size_is_accepted():
    assert len(decode(encoded(bytes(MAX_FORM_BYTES)))) == MAX_FORM_BYTES


@pytest.mark.parametrize("size", [MAX_FORM_BYTES + 1, MAX_FORM_BYTES + 2, MAX_FORM_BYTES + 3, 2 * MAX_FORM_BYTES])
@pytest.mark.parametrize("form", [encoded, data_url])
def test_larger_sizes_are_refused(form, size):
    with pytest.raises(Refusal) as refused:
        decode(form(bytes(size)))

    assert refused.value.reason == "too_large"
    assert f"the maximum is {MAX_FORM_BYTES:,}" in refused.value.detail


def test_too_large_content_is_not_decoded(monkeypatch):
    monkeypatch.setattr(base64, "b64decode", lambda *_, **__: pytest.fail("decoded"))

    with pytest.raises(Refusal, match="bytes"):
        decode("A" * (2 * MAX_FORM_BYTES))
