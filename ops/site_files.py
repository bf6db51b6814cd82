"""What is published as the web app, and in which order, so that it works at every moment."""

import hashlib
import json
import mimetypes
import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from posixpath import dirname, join, normpath
from urllib.parse import quote

from components.rest_api.openapi import VIEWER_FILES
from ops.errors import UserError

PUBLIC = Path(__file__).parent.parent / "site" / "public"
"""The folder whose files are published, but for hidden ones and editors' backups."""

THE_STACKS = frozenset({"api.json"})
"""What the stack itself writes into the bucket."""

MANIFEST = "precache.json"
SERVICE_WORKER = "service-worker.js"

NOT_OFFLINE = re.compile(rf"api[^/]*\.(html|js|css)|openapi\.json|viewer/.*|{re.escape(SERVICE_WORKER)}")
"""What the offline app does without: the API's description and its viewer. Browsers keep the worker by themselves."""


def site_files() -> dict[str, bytes]:
    """Everything that is published, by its path on the site. Raises `OSError`, and `UserError` for a file in the place
    of one that the stack writes."""
    own = {path.relative_to(PUBLIC).as_posix(): path for path in sorted(PUBLIC.rglob("*")) if is_published(path)}
    if taken := THE_STACKS & own.keys():
        raise UserError(f"{PUBLIC / min(taken)} cannot be published: the stack writes a file of that name")
    files = {path: file.read_bytes() for path, file in {**own, **VIEWER_FILES}.items()}
    return {**files, MANIFEST: manifest(files)}


def is_published(path: Path) -> bool:
    """Whether a path is a file, and not one that editors and systems leave behind."""
    return path.is_file() and not path.name.startswith(".") and not path.name.endswith("~")


def manifest(files: Mapping[str, bytes]) -> bytes:
    """`precache.json`, for the service worker: `files` has the address of each file that is kept for offline use, with
    the SHA-256 in hex of what is there; `version` is another whenever one of them is."""
    digests = {
        "/" if path == "index.html" else address(path): hashlib.sha256(content).hexdigest()
        for path, content in sorted(files.items())
        if path != MANIFEST and not NOT_OFFLINE.fullmatch(path)
    }
    version = hashlib.sha256(json.dumps(digests).encode()).hexdigest()
    return json.dumps({"version": version, "files": digests}, indent=1).encode() + b"\n"


def in_order(files: Mapping[str, bytes]) -> list[str]:
    """The paths of files, each after those of them that it names, as far as they do not name each other in a circle;
    then pages, the manifest, the service worker."""
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
    """What kind of file it is: 0 is named by others; 1 is a page; then what tells browsers that keep the site that
    there is another version."""
    return 3 if path == SERVICE_WORKER else 2 if path == MANIFEST else 1 if path.endswith(".html") else 0


def named_in(path: str, content: bytes) -> set[str]:
    """The paths that a file may mean by what stands in it in quotation marks or parentheses, be there such files or
    not: `'../lib/cart.js'` in `elements/cart.js` means `lib/cart.js`."""
    quoted = re.findall(r"""(?<=["'`(])[^"'`()\s?#]+""", content.decode(errors="replace"))
    return {normpath(join("/", dirname(path), text)).lstrip("/") for text in quoted}


def addresses(paths: Iterable[str]) -> list[str]:
    """The addresses of some files on the site; the start page has two."""
    return [it for path in paths for it in ((address(path), "/") if path == "index.html" else (address(path),))]


def address(path: str) -> str:
    """The address of a file on the site, encoded as browsers do it."""
    return quote(f"/{path}", safe="/!$&'()*+,;=:@~")


def content_type(path: str) -> str:
    """The media type of a file by its name; text is UTF-8."""
    # Some systems' tables know neither of these, or know them under an older name.
    known = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}
    media_type = known.get(PurePosixPath(path).suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
