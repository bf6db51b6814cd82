"""Folders with Python packages and their bytecode, built once for the same sources and cached below `.build`.

Pulumi receives them as folders. It archives them itself, with a fixed time and order, and detects changes by names and
contents alone (`sdk/go/common/resource/archive` in its repository). A zip created here would differ between machines:
zlib has several implementations, which compress differently.
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
"""The CPython that compiles. All releases of a minor version share one bytecode format; one fixed release produces the
same bytes everywhere."""

WRITE_BYTECODE = Path(__file__).with_name("write_bytecode.py")


def cache_path(name: str, sources: Iterable[Path]) -> Path:
    """Path of the folder that this code builds from these project files."""
    digest = hashlib.sha256()
    for path in sorted({*sources, Path(__file__), WRITE_BYTECODE}):
        content = path.read_bytes()
        digest.update(f"{os.path.relpath(path, PROJECT)}\0{len(content)}\0".encode() + content)
    return BUILD / f"{name}-{digest.hexdigest()[:16]}"


def build_folder(folder: Path, fill: Callable[[Path], None], *, mount: str) -> None:
    """Let `fill` put files into an empty folder, add their bytecode, and only then move it to its path.

    `mount` is where Lambda unpacks the archive. Raises `pulumi.RunError`, and then leaves no folder.
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
            # A concurrent run, on another stack, was faster.
            if not folder.is_dir():
                raise


def _compile(folder: Path, mount: str) -> None:
    """Write the bytecode of all sources with CPython `COMPILER`."""
    python = ("run", "--no-project", "--isolated", "--python", f"cpython@{COMPILER}", "python", "-I", "-S")
    try:
        # Without this variable, uv may find a pyenv Python that refuses to start.
        uv(*python, str(WRITE_BYTECODE), str(folder), mount, environment={"PYENV_VERSION": COMPILER})
    except UvFailed as failed:
        raise pulumi.RunError(
            f"the functions' code could not be compiled with CPython {COMPILER}: {failed} "
            f"(if that Python is missing, run `uv python install {COMPILER}`)"
        ) from None
