"""The files that a site's stack publishes, its error pages, and inputs that exclude each other."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pulumi_aws as aws
import pytest

from components.static_site import files
from components.static_site.site import StaticSite
from tests.components.recorder import Recording, record

if TYPE_CHECKING:
    from components.static_site.args import StaticSiteArgs


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a site, in a program's folder."""
    monkeypatch.setattr(files, "PROJECT", tmp_path)
    site = tmp_path / "site"
    (site / "assets").mkdir(parents=True)
    (site / ".git").mkdir()
    for name in ("index.html", "404.html", "assets/app-1a2b.js", ".git/config", "data.unknown"):
        (site / name).write_text(name)
    return site


def site(**args: Any) -> Recording:
    return record(lambda: StaticSite("it", cast("StaticSiteArgs", args)))


def test_a_folder_is_published_with_types_and_caching(folder: Path) -> None:
    objects = {it["key"]: it for it in site(folder="site").of(aws.s3.BucketObjectv2) if it["key"] != "qr.svg"}

    assert {key: (it["contentType"], it["cacheControl"]) for key, it in objects.items()} == {
        "index.html": ("text/html; charset=utf-8", "no-cache"),
        "404.html": ("text/html; charset=utf-8", "no-cache"),
        "assets/app-1a2b.js": ("text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        "data.unknown": ("application/octet-stream", "no-cache"),
    }
    assert Path(objects["index.html"]["source"].path) == folder / "index.html"


def errors(recording: Recording) -> dict[int, tuple[str, int]]:
    """The pages and statuses that replace errors."""
    responses = recording.one(aws.cloudfront.Distribution)["customErrorResponses"]
    return {
        int(it["errorCode"]): (it["responsePagePath"], int(it["responseCode"]))
        for it in responses
        if "responsePagePath" in it
    }


def test_a_missing_file_has_a_page_of_its_own_or_is_answered_by_the_app() -> None:
    assert errors(site()) == {}
    assert errors(site(not_found="404.html")) == dict.fromkeys((403, 404), ("/404.html", 404))
    assert errors(site(single_page=True)) == dict.fromkeys((403, 404), ("/index.html", 200))


def test_the_whole_content_security_policy_can_be_given() -> None:
    headers = site(content_security_policy="default-src 'self'").one(aws.cloudfront.ResponseHeadersPolicy)

    policy = headers["securityHeadersConfig"]["contentSecurityPolicy"]
    assert policy["contentSecurityPolicy"] == "default-src 'self'"


@pytest.mark.parametrize(
    ("args", "both"),
    [
        ({"not_found": "404.html", "single_page": True}, "not_found and single_page"),
        ({"single_page": True, "api": {"origin": {}, "path": "/v1/"}}, "single_page and api"),
        ({"not_found": "404.html", "api": {"origin": {}, "path": "/v1/"}}, "not_found and api"),
        ({"content_security_policy": "x", "image_origins": ["y"]}, "content_security_policy and image_origins"),
    ],
)
def test_inputs_that_exclude_each_other_are_refused(args: dict[str, Any], both: str) -> None:
    with pytest.raises(ValueError, match=f"StaticSite: {both} exclude each other"):
        site(**args)


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_folder_without_files_is_refused(folder: Path, name: str) -> None:
    (folder.parent / "empty").mkdir()

    with pytest.raises(ValueError, match=f"StaticSite: the folder {folder.parent}/{name} has no files"):
        site(folder=name)
