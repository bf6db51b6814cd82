"""Finds the modules in a program's folder that a module imports, directly or indirectly.

The standard library's `modulefinder` reads bytecode, in which imports under `if TYPE_CHECKING:` look like any other.
Functions never run those, so this reads the syntax tree.
"""

import ast
import os
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path


def closure(root: Path, module: str) -> list[Path]:
    """The files below `root` that a module needs, sorted: its source and the sources of its imports, including those
    inside functions.

    Raises `ModuleNotFoundError` if the module does not exist.
    """
    if not _sources(root, module):
        raise ModuleNotFoundError(f"no module {module!r} in {root}")
    found: set[Path] = set()
    waiting, seen = [module], {module}
    while waiting:
        for source in _sources(root, waiting.pop()):
            if source in found:
                continue
            found.add(source)
            package = ".".join(source.relative_to(root).parent.parts)
            imported = _imports_of(source, package)
            waiting += imported - seen
            seen |= imported
    return sorted(found)


def _sources(root: Path, module: str) -> list[Path]:
    """A module's source after those of its parent packages; empty for modules from elsewhere."""
    parts = module.split(".")
    if parts[0] in sys.stdlib_module_names:
        return []
    # Thousands of names are looked up, and most are not modules: `os.path` takes a third of pathlib's time.
    path = os.path.join(root, *parts)
    own = next((file for file in (f"{path}.py", f"{path}/__init__.py") if os.path.isfile(file)), None)
    if own is None:
        return []
    packages = [root.joinpath(*parts[:depth], "__init__.py") for depth in range(1, len(parts))]
    return [*(file for file in packages if file.is_file()), Path(own)]


def _imports_of(source: Path, package: str) -> frozenset[str]:
    status = source.stat()
    return _parsed(source, package, (status.st_mtime_ns, status.st_size, status.st_ino))


@lru_cache(maxsize=1024)
def _parsed(source: Path, package: str, _version: tuple[int, int, int]) -> frozenset[str]:
    """The modules that a source imports, which may or may not exist, parsed once per version of the file."""
    try:
        tree = ast.parse(source.read_bytes())
    except SyntaxError:
        # Running the module reports the error, with its line.
        return frozenset()
    return frozenset(_imported(tree, package))


def _imported(tree: ast.AST, package: str) -> Iterator[str]:
    """The modules that imports may refer to: `from a import b` may mean the module `a.b`."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.If(test=ast.Name("TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
                yield from _imported(ast.Module(node.orelse, []), package)
            case ast.Import(names):
                yield from (name.name for name in names)
            case ast.ImportFrom():
                base = _base(node, package)
                yield base
                yield from (f"{base}.{name.name}" for name in node.names)
            case _:
                yield from _imported(node, package)


def _base(node: ast.ImportFrom, package: str) -> str:
    """The absolute name of the module that an import is from."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])
