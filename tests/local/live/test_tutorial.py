"""The first endpoint, table and page of docs/local.md, followed step by step on the running café."""

import re

import pytest

from local.cafe.seed import api_client
from tests.local.conftest import ROOT
from tests.local.live.conftest import log, seconds_until

pytestmark = pytest.mark.long

TEXT = (ROOT / "docs" / "local.md").read_text()
STEP = re.compile(r"`([\w/.]+)`:\n\n```(\w+)\n(.*?)```", re.DOTALL)


def steps(part):
    """The files, with the kinds and contents of their blocks, of the part that begins with these words."""
    [text] = re.findall(rf"^\*\*{part}\.\*\*.*?(?=^\*\*|^## )", TEXT, re.MULTILINE | re.DOTALL)
    return STEP.findall(text)


def applied(source, diff):
    """A file after the lines of a diff without positions: what is added follows the line before it."""
    lines, place = source.splitlines(), None
    for line in diff.splitlines():
        kind, content = line[:1], line[1:]
        if kind == "+" and place is not None:
            place += 1
            lines.insert(place, content)
        elif kind == "+":
            # At the top: before the first line that stays.
            first = next(kept[1:] for kept in diff.splitlines() if kept[:1] == " ")
            lines.insert(lines.index(first), content)
        else:
            place = lines.index(content)
            if kind == "-":
                del lines[place]
                place -= 1
    return "\n".join(lines) + "\n"


@pytest.fixture
def apply(live, save):
    """Saves a file, and waits until it is applied."""

    def apply(path, content):
        before = len(log(live))
        save(**{path: content})
        seconds_until(lambda: re.search(r"applied in|no changes|updated the site", log(live)[before:]))

    return apply


@pytest.fixture
def follow(root, apply):
    """Saves the files of a part of the tutorial, as a reader does."""

    def follow(part):
        for path, kind, content in steps(part):
            apply(path, applied((root / path).read_text(), content) if kind == "diff" else content)

    return follow


def test_the_steps_lead_to_a_first_endpoint_table_and_page(live, root, follow, apply):
    follow("An endpoint")
    seconds_until(lambda: live.api.get("hello").text == '{"hello":"world"}')

    follow("A table")
    seconds_until(lambda: live.api.get("hello").json().get("greetings"))
    assert live.api.get("hello").json()["greetings"] > 1

    # Without the grant.
    component = (root / "components/orders_api.py").read_text()
    apply("components/orders_api.py", re.sub(r".*grants.*_greetings\.arn.*\n", "", component))
    seconds_until(lambda: live.api.get("hello").status_code == 500)
    seconds_until(lambda: "AccessDeniedException" in log(live))
    apply("components/orders_api.py", component)
    seconds_until(lambda: live.api.get("hello").status_code == 200)

    follow("A page")
    with api_client(live.outputs["webappUrl"], live.port) as site:
        assert "hello.js" in site.get("hello.html").text
        assert site.get("dev/hello").json()["hello"] == "world"
