"""A function's archive: its sources and, optionally, their bytecode, identical on every machine."""

import shutil
import time
from pathlib import Path, PurePosixPath

import pulumi
import pytest

from components.packaging import built_folder
from components.packaging import function_code as module
from components.packaging.function_code import build_function_code, function_code
from components.packaging.imports import closure
from tests.components.packaging.fake_uv import FakeUv, content
from tests.components.recorder import ROOT

HANDLERS = [f"lambdas.{path.stem}" for path in sorted((ROOT / "lambdas").glob("[!_]*.py"))]


def files(archive: pulumi.AssetArchive) -> dict[str, bytes]:
    found = {}
    for name, asset in archive.assets.items():
        assert isinstance(asset, pulumi.FileAsset)
        found[name] = Path(asset.path).read_bytes()
    return found


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project, including files that do not belong in an archive."""
    sources = {
        "lambdas/__init__.py": "",
        "lambdas/one.py": "from lambdas.shared import both",
        "lambdas/two.py": "from lambdas.shared import both, other",
        "lambdas/shared/__init__.py": "",
        "lambdas/shared/both.py": "",
        "lambdas/shared/other.py": "",
        **dict.fromkeys(["lambdas/.DS_Store", "lambdas/one.py.orig", "lambdas/notes.md", "tests/test_one.py"], ""),
        "site/public/app.js": "[]",
        "lambdas/__pycache__/one.cpython-311.pyc": "",
    }
    for name, text in sources.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(module, "PROJECT", tmp_path)
    return tmp_path


SHARED = {"lambdas/__init__.py", "lambdas/shared/__init__.py", "lambdas/shared/both.py"}


def test_an_archive_contains_the_handler_and_its_imports(project: Path) -> None:
    assert function_code("lambdas.one").assets.keys() == {*SHARED, "lambdas/one.py"}
    assert function_code("lambdas.two").assets.keys() == {
        *(*SHARED, "lambdas/two.py", "lambdas/shared/other.py"),
    }


def test_archives_are_reproducible_and_sorted(project: Path) -> None:
    first, second = (files(function_code("lambdas.two")) for _ in range(2))

    assert list(first.items()) == list(second.items())
    assert list(first) == sorted(first, key=lambda name: PurePosixPath(name).parts)


@pytest.mark.long
def test_an_edit_changes_only_the_archives_of_functions_that_import_the_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For every module of the project, an archive contains the files of its closure. `test_layers` checks the imports
    themselves."""
    shutil.copytree(ROOT / "lambdas", tmp_path / "lambdas", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(module, "PROJECT", tmp_path)
    before = {handler: files(function_code(handler)) for handler in HANDLERS}
    needs = {handler: {p.relative_to(ROOT).as_posix() for p in closure(ROOT, handler)} for handler in HANDLERS}
    unused = []
    for path in sorted(tmp_path.rglob("*.py")):
        source, name = path.read_text(encoding="utf-8"), path.relative_to(tmp_path).as_posix()
        path.write_text(source + "\n# edited\n", encoding="utf-8")
        changed = {handler for handler in HANDLERS if files(function_code(handler)) != before[handler]}
        path.write_text(source, encoding="utf-8")
        assert changed == {handler for handler in HANDLERS if name in needs[handler]}, name
        unused += [] if changed else [name]

    # Only the program uses this module: the types of the API's bodies.
    assert unused == ["lambdas/api/bodies.py"]


def test_all_archives_together_take_less_than_300_ms() -> None:
    def measured() -> float:
        began = time.perf_counter()
        for handler in HANDLERS:
            function_code(handler)
        return time.perf_counter() - began

    assert min(measured() for _ in range(5)) < 0.3


@pytest.fixture
def uv(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeUv:
    """A fake uv that compiles the small project."""
    monkeypatch.setattr(built_folder, "BUILD", tmp_path / "build")
    return FakeUv(tmp_path, monkeypatch)


def test_with_bytecode_every_source_has_its_bytecode(uv: FakeUv) -> None:
    compiled = files(function_code("lambdas.two", bytecode=True))
    bytecode = {name: compiled.pop(name) for name in list(compiled) if name.endswith(".pyc")}

    assert compiled == files(function_code("lambdas.two"))
    sources = [PurePosixPath(name) for name in compiled if name.endswith(".py")]
    assert {name.partition(".")[0] for name in bytecode} == {f"{s.parent}/__pycache__/{s.stem}" for s in sources}
    assert [name for name, data in bytecode.items() if b"/var/task/lambdas/" not in data] == []


def test_all_functions_are_compiled_in_one_run(uv: FakeUv) -> None:
    function_code("lambdas.one", bytecode=True)
    calls = len(uv.calls)
    function_code("lambdas.two", bytecode=True)

    assert len(uv.calls) == calls


@pytest.mark.parametrize(
    ("changed", "text", "affected"),
    [
        ("lambdas/shared/both.py", "x = 1", {"lambdas.one", "lambdas.two"}),
        ("lambdas/shared/other.py", "x = 1", {"lambdas.two"}),
        ("lambdas/two.py", "x = 1", {"lambdas.two"}),
        ("lambdas/new.py", "x = 1", set()),
    ],
)
def test_with_bytecode_an_edit_changes_only_the_affected_archives(
    uv: FakeUv, project: Path, changed: str, text: str, affected: set[str]
) -> None:
    def archives() -> dict[str, dict[str, bytes]]:
        return {name: files(function_code(name, bytecode=True)) for name in ("lambdas.one", "lambdas.two")}

    before = archives()
    (project / changed).write_text(text, encoding="utf-8")
    after = archives()

    assert {name for name in after if after[name] != before[name]} == affected


def test_the_compiled_folder_is_identical_wherever_it_is_built(uv: FakeUv, tmp_path: Path) -> None:
    build_function_code(tmp_path / "one")
    build_function_code(tmp_path / "somewhere" / "else")

    assert content(tmp_path / "one") == content(tmp_path / "somewhere" / "else")
