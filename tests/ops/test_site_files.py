"""The files published as the web app: their content types, addresses and order."""

import hashlib
import json
import os

import pytest

from components.rest_api.openapi import VIEWER_FILES
from local.errors import UserError
from ops import site_files as module
from ops.site_files import PUBLIC, address, addresses, content_type, in_order, manifest, site_files

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webmanifest": "application/manifest+json",
}


@pytest.fixture
def public(tmp_path, monkeypatch):
    """An empty site folder: a function that writes files into it, by path."""
    monkeypatch.setattr(module, "PUBLIC", tmp_path)
    monkeypatch.setattr(module, "VIEWER_FILES", {})

    def write(**files):
        for path, content in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(content)
        return tmp_path

    return write


def listed_in_manifest(files):
    """The manifest's digests, by address."""
    return json.loads(manifest(files))["files"]


@pytest.mark.parametrize("suffix", CONTENT_TYPES)
def test_the_content_type_depends_on_the_suffix(suffix):
    assert content_type(f"folder.html/some.thing{suffix}") == CONTENT_TYPES[suffix]


@pytest.mark.parametrize("name", ["LICENSE", "archive.unheard-of", ".js", "x.js/y"])
def test_the_default_content_type(name):
    assert content_type(name) == "application/octet-stream"


def test_every_file_of_the_site_has_a_known_content_type():
    assert {os.path.splitext(path)[1] for path in site_files()} <= CONTENT_TYPES.keys()


def test_all_files_the_viewer_and_the_manifest_are_published():
    own = {path.relative_to(PUBLIC).as_posix(): path for path in PUBLIC.rglob("*") if path.is_file()}
    files = site_files()

    assert files.keys() == {*own, *VIEWER_FILES, "precache.json"}
    assert all(files[path] == file.read_bytes() for path, file in {**own, **VIEWER_FILES}.items())


def test_temporary_files_are_not_published(public):
    junk = {".DS_Store": b"", "lib/.cart.js.swp": b"", "app.js~": b"", ".#app.js": b""}
    public(**{"app.js": b"", "lib/cart.js": b"", ".well-known/security.txt": b"", **junk})

    assert site_files().keys() == {"app.js", "lib/cart.js", ".well-known/security.txt", "precache.json"}


def test_a_file_with_the_name_of_the_stacks_own_is_refused(public):
    folder = public(**{"api.json": b"{}"})

    with pytest.raises(UserError) as refused:
        site_files()
    assert str(refused.value) == f"{folder / 'api.json'} cannot be published: the stack writes a file of that name"


def test_a_manifest_in_the_folder_is_ignored(public):
    public(**{"precache.json": b"mine", "app.js": b"1"})

    assert json.loads(site_files()["precache.json"])["files"] == {"/app.js": hashlib.sha256(b"1").hexdigest()}


class TestManifest:
    def test_each_address_has_the_digest_of_its_file(self):
        files = {"index.html": b"<p>", "lib/cart.js": b"1", "board/index.html": b"<b>"}

        assert listed_in_manifest(files) == {
            "/": hashlib.sha256(b"<p>").hexdigest(),
            "/lib/cart.js": hashlib.sha256(b"1").hexdigest(),
            "/board/index.html": hashlib.sha256(b"<b>").hexdigest(),
        }

    @pytest.mark.parametrize(
        "path",
        [
            *("api.html", "api-viewer.js", "api-viewer.css", "openapi.json", "viewer/swagger-ui.min.css"),
            *("service-worker.js", "precache.json"),
        ],
    )
    def test_files_not_needed_offline_are_not_listed(self, path):
        assert listed_in_manifest({path: b""}) == {}

    @pytest.mark.parametrize(
        "path", ["api/client.js", "api/api.js", "lib/service-worker.js", "lib/openapi.json", "app.js", "my-viewer/a.js"]
    )
    def test_files_with_similar_names_are_listed(self, path):
        assert listed_in_manifest({path: b""}).keys() == {f"/{path}"}

    def test_the_sites_files_are_listed(self):
        listed = json.loads(site_files()["precache.json"])["files"].keys()

        assert {"/", "/app.js", "/app.css", "/menu.json", "/api/worker.js"} <= listed

    def test_the_version_depends_only_on_the_listed_files(self):
        def version(**files):
            return json.loads(manifest({path.replace("_", "."): content for path, content in files.items()}))["version"]

        first = version(app_js=b"1", app_css=b"2")

        assert version(app_css=b"2", app_js=b"1") == first
        assert version(app_js=b"1", app_css=b"2", openapi_json=b"3") == first
        others = [version(app_js=b"2", app_css=b"1"), version(app_js=b"1"), version(app_js=b"1", a_css=b"2")]
        assert len({first, *others}) == 4


class TestAddress:
    @pytest.mark.parametrize(
        ("path", "there"),
        [
            ("app.js", "/app.js"),
            ("café au lait.svg", "/caf%C3%A9%20au%20lait.svg"),
            ("100%#?[x].txt", "/100%25%23%3F%5Bx%5D.txt"),
            ("a!$&'()+,;=:@~b", "/a!$&'()+,;=:@~b"),
        ],
    )
    def test_is_encoded_like_in_browsers(self, path, there):
        assert address(path) == there

    def test_the_start_page_has_two_addresses(self):
        assert addresses(["app.js", "index.html", "board/index.html"]) == [
            "/app.js",
            "/index.html",
            "/",
            "/board/index.html",
        ]


class TestOrder:
    def test_a_file_comes_after_the_files_it_references(self):
        files = {
            "a.js": b"import {b} from './lib/b.js';\nnew Worker('/api/w.js', {type: 'module'})",
            "lib/b.js": b'import "../z.js"; import(`./y.js`)',
            "lib/y.js": b"",
            "z.js": b"",
            "api/w.js": b"import * as b from '../lib/b.js'",
            "a.css": b"body {background: url(/pictures/p.svg#cup)} @import url('z.css');",
            "z.css": b"",
            "pictures/p.svg": b"<svg/>",
        }
        place = {path: n for n, path in enumerate(in_order(files))}

        for before, after in (
            *(("lib/b.js", "a.js"), ("api/w.js", "a.js"), ("z.js", "lib/b.js"), ("lib/y.js", "lib/b.js")),
            *(("lib/b.js", "api/w.js"), ("pictures/p.svg", "a.css"), ("z.css", "a.css")),
        ):
            assert place[before] < place[after]

    def test_pages_the_manifest_and_the_worker_come_last_in_that_order(self):
        files = {
            "service-worker.js": b"",
            "index.html": b"",
            "precache.json": b"",
            "z.js": b"fetch('index.html'); navigator.serviceWorker.register('service-worker.js')",
        }

        assert in_order(files) == ["z.js", "index.html", "precache.json", "service-worker.js"]

    def test_circular_references_are_allowed(self):
        assert set(in_order({"a.js": b"'./b.js'", "b.js": b"'./a.js' './b.js'"})) == {"a.js", "b.js"}

    def test_any_content_is_accepted(self):
        files = {"a.js": b"'//[' \"http://[x\" '../../../..' (\x00\xff", "b.png": bytes(range(256))}

        assert in_order(files) == ["a.js", "b.png"]
