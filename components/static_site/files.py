"""The files of a site that the stack publishes, and inputs that exclude each other."""

import mimetypes
import os
from collections.abc import Iterator
from pathlib import Path

import pulumi

from ..packaging.project import PROJECT
from .args import StaticSiteArgs

REVALIDATED = "no-cache"
"""Cached, but revalidated on every request."""

IMMUTABLE = "public, max-age=31536000, immutable"
"""Cached for a year: tools that build web apps name such files after their content."""

EXCLUSIVE = (
    ("not_found", ("single_page", "api")),
    ("single_page", ("api",)),
    ("content_security_policy", ("connect_origins", "image_origins")),
)
"""Inputs, each with those that it excludes."""


def check(args: StaticSiteArgs) -> None:
    """Raise `ValueError` for inputs that exclude each other."""
    for name, others in EXCLUSIVE:
        if args.get(name) and (both := [other for other in others if args.get(other)]):
            raise ValueError(f"StaticSite: {name} and {both[0]} exclude each other; pass one of them")


def files_of(folder: str | None) -> Iterator[tuple[str, pulumi.Asset]]:
    """The paths and contents of the files below a folder, without hidden ones. Raises `ValueError` for a folder that
    does not exist or has no file."""
    if folder is None:
        return
    root = PROJECT / folder
    if PLUGIN in os.environ and not Path(folder).is_absolute():
        raise ValueError(
            f"StaticSite: pass the folder {folder!r} as an absolute path; this plugin is in another folder"
        )
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and not _is_hidden(path.relative_to(root))]
    if not files:
        raise ValueError(f"StaticSite: the folder {root} has no files")
    for path in files:
        yield path.relative_to(root).as_posix(), pulumi.FileAsset(str(path))


def content_type(path: str) -> str:
    """The content type of a file by its name, with UTF-8 for texts."""
    kind = TYPES.get(Path(path).suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


PLUGIN = "CAFE_PLUGIN"
"""The variable that is set while the components serve another program as a plugin."""

TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".webmanifest": "application/manifest+json"}
"""Types that differ between machines, whose lists Python reads."""


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
