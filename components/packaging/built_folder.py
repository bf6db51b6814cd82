"""Folders with Python packages and their bytecode, built once from the same files and kept below `.build`.

They are given to Pulumi as folders. It packs them itself, with a fixed time and in order, and tells a change by names
and contents alone (`sdk/go/common/resource/archive` in its repository). A zip of our own would be another one on
another machine: zlib has several implementations, which compress differently.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pulumi

from .project import BUILD, PROJECT
from .uv import UvFailed, uv

COMPILER = "3.13.0"
"""The CPython that compiles. Bytecode is the same format in all releases of a minor version; one fixed release makes it
the same bytes wherever it is made."""

WRITE_BYTECODE = Path(__file__).with_name("write_bytecode.py")


def kept_at(name: str, sources: Iterable[Path]) -> Path:
    """Where the folder is kept that is built from these files of the project, and by this code."""
    digest = hashlib.sha256()
    for path in sorted({*sources, Path(__file__), WRITE_BYTECODE}):
        content = path.read_bytes()
        digest.update(f"{os.path.relpath(path, PROJECT)}\0{len(content)}\0".encode() + content)
    return BUILD / f"{name}-{digest.hexdigest()[:16]}"


def build_folder(folder: Path, fill: Callable[[Path], None], *, mount: str) -> None:
    """Let `fill` put files into an empty folder, add their bytecode, and only then put it in its place.

    `mount` is where Lambda unpacks the archive. Raises `pulumi.RunError`; then there is no folder.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        filled = Path(scratch) / "filled"
        filled.mkdir()
        fill(filled)
        _compile(filled, mount)
        try:
            filled.rename(folder)
        except OSError:
            # Another run, on another stack, was faster.
            if not folder.is_dir():
                raise


def _compile(folder: Path, mount: str) -> None:
    """Write the bytecode of all sources, by the one Python that does."""
    python = ("run", "--no-project", "--isolated", "--python", f"cpython@{COMPILER}", "python", "-I", "-S")
    try:
        # Without that variable, a Python that pyenv has may be there and refuse to start.
        uv(*python, str(WRITE_BYTECODE), str(folder), mount, environment={"PYENV_VERSION": COMPILER})
    except UvFailed as failed:
        raise pulumi.RunError(
            f"what functions run could not be compiled by CPython {COMPILER}: {failed} "
            f"(if it is that Python that is missing, run `uv python install {COMPILER}`)"
        ) from None
