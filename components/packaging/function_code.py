"""A function's archive: only its module and what the module imports."""

import shutil
from pathlib import Path

import pulumi

from .built_folder import build_folder, cache_path
from .imports import closure
from .project import PROJECT

PACKAGE = "lambdas"
"""Folder with the functions' modules."""


def function_code(module: str, *, bytecode: bool = False) -> pulumi.AssetArchive:
    """The files that a module needs, under their paths in the program's folder.

    With `bytecode`, each source has its bytecode next to it, for a faster start; this requires uv. Files are listed one
    by one and in order: a whole folder would include compiled files, and every preview would show a change.

    Raises `ModuleNotFoundError` for an unknown module, and `pulumi.RunError` if the sources cannot be compiled.
    """
    root = _compiled() if bytecode else PROJECT
    files = [root / path.relative_to(PROJECT) for path in closure(PROJECT, module)]
    if bytecode:
        files += [compiled for path in files for compiled in path.parent.glob(f"__pycache__/{path.stem}.*.pyc")]
    return pulumi.AssetArchive(
        {path.relative_to(root).as_posix(): pulumi.FileAsset(str(path)) for path in sorted(files)}
    )


def build_function_code(folder: Path) -> None:
    """Copy the sources of all functions into a folder and compile them. Raises `pulumi.RunError`."""
    build_folder(folder, _copy_files, mount="/var/task")


def _compiled() -> Path:
    """A folder with all functions' files and their bytecode, built once for the same content."""
    folder = cache_path("code", [*_files(), Path(__file__)])
    if not folder.exists():
        build_function_code(folder)
    return folder


def _files() -> list[Path]:
    """All files that any module below `PACKAGE` needs."""
    modules = (".".join(path.relative_to(PROJECT).with_suffix("").parts) for path in (PROJECT / PACKAGE).rglob("*.py"))
    return sorted({file for module in modules for file in closure(PROJECT, module.removesuffix(".__init__"))})


def _copy_files(folder: Path) -> None:
    for path in _files():
        target = folder / path.relative_to(PROJECT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
