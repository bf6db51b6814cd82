import pytest

from lambdas.runtime.negotiation import prefers_html

CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "TEXT/HTML",
        "text/html; charset=utf-8",
        "text/html;charset=utf-8;q=0.3",
        "text/*",
        "application/json;q=0.5, text/html",
        "text/html, */*",
        "*/*;q=0.1, text/html;q=0.2",
        "application/json;q=0, */*",
        "text/html , application/json ; q=0.9",
        CHROMIUM,
    ],
)
def test_html_is_preferred(accept):
    assert prefers_html(accept)


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/json",
        "application/*, text/*;q=0.9",
        "text/html;q=0",
        "text/html;q=0, */*",
        "text/html;q=0.5, application/json",
        "text/html, application/json",
        "application/json, text/html;q=0.9",
        "text/htmlx",
        "application/x+text/html",
        'application/json; note="text/html"',
        "text/html;level=1",
        "text/html;q=2",
        "text/html;q=nan",
        "text/html;q=x",
        "text/html;q=-1",
        ",;=,q",
    ],
)
def test_json_is_preferred_or_the_client_does_not_care(accept):
    assert not prefers_html(accept)
