"""The files of the web app, and the order in which to publish them so that the site works at all times."""

import hashlib
import json
import mimetypes
import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from posixpath import dirname, join, normpath
from urllib.parse import quote

from components.rest_api.openapi import VIEWER_FILES
from local.errors import UserError

PUBLIC = Path(__file__).parent.parent / "site" / "public"
"""The folder whose files are published, except hidden files and editors' backups."""

STACK_FILES = frozenset({"api.json", "qr.svg"})
"""Files that the stack itself writes to the bucket."""

MANIFEST = "precache.json"
SERVICE_WORKER = "service-worker.js"

NOT_OFFLINE = re.compile(rf"api[^/]*\.(html|js|css)|openapi\.json|viewer/.*|{re.escape(SERVICE_WORKER)}")
"""Files that are not cached for offline use: the API description and its viewer. Browsers cache the worker anyway."""


def site_files() -> dict[str, bytes]:
    """All published files, by path on the site. Raises `OSError`, and `UserError` for a file that the stack itself
    writes."""
    own = {path.relative_to(PUBLIC).as_posix(): path for path in sorted(PUBLIC.rglob("*")) if is_published(path)}
    if taken := STACK_FILES & own.keys():
        raise UserError(f"{PUBLIC / min(taken)} cannot be published: the stack writes a file of that name")
    files = {path: file.read_bytes() for path, file in {**own, **VIEWER_FILES}.items()}
    return {**files, MANIFEST: manifest(files)}


def is_published(path: Path) -> bool:
    """Whether a path is a file, and not hidden or an editor's backup."""
    return path.is_file() and not path.name.startswith(".") and not path.name.endswith("~")


def manifest(files: Mapping[str, bytes]) -> bytes:
    """`precache.json`, for the service worker: `files` maps the address of each file cached for offline use to the hex
    SHA-256 of its content; `version` changes whenever one of them does."""
    digests = {
        "/" if path == "index.html" else address(path): hashlib.sha256(content).hexdigest()
        for path, content in sorted(files.items())
        if path != MANIFEST and not NOT_OFFLINE.fullmatch(path)
    }
    version = hashlib.sha256(json.dumps(digests).encode()).hexdigest()
    return json.dumps({"version": version, "files": digests}, indent=1).encode() + b"\n"


def in_order(files: Mapping[str, bytes]) -> list[str]:
    """The paths of files, each after the files it refers to, except in circular references; then pages, the manifest,
    the service worker."""
    rest = dict.fromkeys(sorted(files))
    order: list[str] = []

    def add(path: str) -> None:
        if path in rest:
            del rest[path]
            for named in sorted(named_in(path, files[path])):
                add(named)
            order.append(path)

    while rest:
        add(next(iter(rest)))
    return sorted(order, key=rank)


def rank(path: str) -> int:
    """The kind of a file: 0 if other files refer to it; 1 for a page; then the files that inform browsers that cache
    the site of another version."""
    return 3 if path == SERVICE_WORKER else 2 if path == MANIFEST else 1 if path.endswith(".html") else 0


def named_in(path: str, content: bytes) -> set[str]:
    """The paths that a file may refer to, in quotation marks or parentheses, whether or not such files exist:
    `'../lib/cart.js'` in `elements/cart.js` means `lib/cart.js`."""
    quoted = re.findall(r"""(?<=["'`(])[^"'`()\s?#]+""", content.decode(errors="replace"))
    return {normpath(join("/", dirname(path), text)).lstrip("/") for text in quoted}


def addresses(paths: Iterable[str]) -> list[str]:
    """The addresses of files on the site; the start page has two."""
    return [it for path in paths for it in ((address(path), "/") if path == "index.html" else (address(path),))]


def address(path: str) -> str:
    """The address of a file on the site, encoded as browsers do."""
    return quote(f"/{path}", safe="/!$&'()*+,;=:@~")


def content_type(path: str) -> str:
    """The media type of a file by its name; text is UTF-8."""
    # Some systems lack these types, or use an older name.
    known = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}
    media_type = known.get(PurePosixPath(path).suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
