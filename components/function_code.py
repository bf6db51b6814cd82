"""The archive that every function runs from: one for all, each names its own handler in it."""

import shutil
from pathlib import Path

import pulumi

from components.built_folder import build_folder, kept_at
from components.project import PROJECT


def function_code() -> pulumi.AssetArchive:
    """The sources below `lambdas/` and the menu, under the paths that they have everywhere.

    Named one by one and in order: a folder taken whole would bring compiled files along, and every preview would show
    a change.
    """
    return pulumi.AssetArchive({str(path.relative_to(PROJECT)): pulumi.FileAsset(str(path)) for path in _files()})


def compiled_function_code() -> pulumi.FileArchive:
    """The same with bytecode beside the sources, for a faster start. Needs uv; raises `pulumi.RunError`."""
    folder = kept_at("code", [*_files(), Path(__file__)])
    if not folder.exists():
        build_function_code(folder)
    return pulumi.FileArchive(str(folder))


def build_function_code(folder: Path) -> None:
    """Copy the functions' files into a folder and compile them. Raises `pulumi.RunError`."""
    build_folder(folder, _copy_files, mount="/var/task")


def _files() -> list[Path]:
    return [*sorted((PROJECT / "lambdas").rglob("*.py")), PROJECT / "site" / "public" / "menu.json"]


def _copy_files(folder: Path) -> None:
    for path in _files():
        target = folder / path.relative_to(PROJECT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
