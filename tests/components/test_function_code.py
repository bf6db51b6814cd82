"""The functions' archive: the sources, their bytecode where it is wanted, the menu, and nothing that differs from one
machine to the next."""

from pathlib import Path, PurePosixPath

import pulumi
import pytest

from components import built_folder
from components import function_code as module
from components.function_code import build_function_code, compiled_function_code, function_code
from tests.components.fake_uv import FakeUv, content
from tests.components.recorder import ROOT


def files(archive: pulumi.AssetArchive) -> dict[str, bytes]:
    found = {}
    for name, asset in archive.assets.items():
        assert isinstance(asset, pulumi.FileAsset)
        found[name] = Path(asset.path).read_bytes()
    return found


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of our own, with what is lying about in one."""
    for name in (
        *("lambdas/__init__.py", "lambdas/b.py", "lambdas/a/z.py", "lambdas/a/__init__.py", "lambdas/a.py"),
        *("lambdas/__pycache__/b.cpython-313.pyc", "lambdas/a/__pycache__/z.cpython-311.pyc", "lambdas/b.pyc"),
        *("lambdas/.DS_Store", "lambdas/b.py.orig", "lambdas/notes.md", "tests/test_b.py", "b.py"),
        *("site/public/menu.json", "site/public/app.js"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    monkeypatch.setattr(module, "PROJECT", tmp_path)
    return tmp_path


def test_equal_each_time() -> None:
    first, second = files(function_code()), files(function_code())

    assert list(first.items()) == list(second.items())


def test_every_source_is_there_under_its_import_path() -> None:
    archive = files(function_code())

    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "lambdas").rglob("*.py")}
    assert archive.keys() == {*sources, "site/public/menu.json"}
    assert archive["lambdas/routes.py"] == (ROOT / "lambdas" / "routes.py").read_bytes()


def test_sources_and_menu_only_and_in_order(project: Path) -> None:
    names = list(function_code().assets)

    assert set(names) == {
        *("lambdas/__init__.py", "lambdas/a.py", "lambdas/a/__init__.py", "lambdas/a/z.py", "lambdas/b.py"),
        "site/public/menu.json",
    }
    assert names == sorted(names, key=lambda name: PurePosixPath(name).parts)


def test_compiled_files_that_come_up_later_change_nothing(project: Path) -> None:
    before = files(function_code())
    (project / "lambdas" / "__pycache__" / "a.cpython-313.pyc").write_bytes(b"\x00")

    assert files(function_code()) == before


def test_a_new_source_is_in_it(project: Path) -> None:
    before = function_code().assets.keys()
    (project / "lambdas" / "c.py").touch()

    assert function_code().assets.keys() - before == {"lambdas/c.py"}


def test_nothing_in_it_but_python_and_the_menu() -> None:
    others = [name for name in function_code().assets if PurePosixPath(name).suffix != ".py"]

    assert others == ["site/public/menu.json"]
    assert not [name for name in function_code().assets if "test" in name]


@pytest.fixture
def uv(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeUv:
    """A uv that compiles the project of our own, whose sources are Python."""
    for path in project.rglob("*.py"):
        path.write_text(f"x = {path.name!r}", encoding="utf-8")
    monkeypatch.setattr(built_folder, "BUILD", tmp_path / "build")
    return FakeUv(tmp_path, monkeypatch)


def test_compiled_it_has_each_source_and_its_bytecode(uv: FakeUv) -> None:
    plain = content(Path(compiled_function_code().path))
    bytecode = {name: plain.pop(name) for name in list(plain) if name.endswith(".pyc")}

    assert plain == files(function_code())
    sources = [PurePosixPath(name) for name in plain if name.endswith(".py")]
    assert {name.partition(".")[0] for name in bytecode} == {f"{s.parent}/__pycache__/{s.stem}" for s in sources}
    assert [name for name, data in bytecode.items() if b"/var/task/lambdas/" not in data] == []


def test_compiled_it_is_made_once(uv: FakeUv) -> None:
    first = compiled_function_code().path
    calls = len(uv.calls)

    assert compiled_function_code().path == first
    assert len(uv.calls) == calls


@pytest.mark.parametrize("changed", ["lambdas/a.py", "lambdas/new.py", "site/public/menu.json"])
def test_compiled_it_follows_its_files(uv: FakeUv, project: Path, changed: str) -> None:
    before = compiled_function_code().path
    (project / changed).write_text("x = 'another'", encoding="utf-8")
    after = Path(compiled_function_code().path)

    assert str(after) != before
    assert content(after)[changed] == b"x = 'another'"


def test_compiled_it_is_equal_wherever_it_is_made(uv: FakeUv, tmp_path: Path) -> None:
    build_function_code(tmp_path / "one")
    build_function_code(tmp_path / "somewhere" / "else")

    assert content(tmp_path / "one") == content(tmp_path / "somewhere" / "else")
