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
    root = _compiled(module) if bytecode else PROJECT
    files = [root / path.relative_to(PROJECT) for path in closure(PROJECT, module)]
    if bytecode:
        files += [compiled for path in files for compiled in path.parent.glob(f"__pycache__/{path.stem}.*.pyc")]
    return pulumi.AssetArchive(
        {path.relative_to(root).as_posix(): pulumi.FileAsset(str(path)) for path in sorted(files)}
    )


def build_function_code(folder: Path, package: str = PACKAGE) -> None:
    """Copy the sources of all functions in a package, or of a module outside of any, into a folder and compile them.
    Raises `pulumi.RunError`."""
    build_folder(folder, lambda filled: _copy_files(filled, package), mount="/var/task")


def _compiled(module: str) -> Path:
    """A folder with the files of all functions in the module's package and their bytecode, built once for the same
    content."""
    package = module.partition(".")[0]
    folder = cache_path("code", [*_files(package), Path(__file__)])
    if not folder.exists():
        build_function_code(folder, package)
    return folder


def _files(package: str) -> list[Path]:
    """All files that any module of a package needs."""
    inside = [path.relative_to(PROJECT).with_suffix("") for path in (PROJECT / package).rglob("*.py")]
    modules = [".".join(path.parts).removesuffix(".__init__") for path in inside] or [package]
    return sorted({file for module in modules for file in closure(PROJECT, module)})


def _copy_files(folder: Path, package: str) -> None:
    for path in _files(package):
        target = folder / path.relative_to(PROJECT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
