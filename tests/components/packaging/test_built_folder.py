"""Folders that are built once and atomically: their names and content."""

from pathlib import Path

import pulumi
import pytest

from components.blocks.python_function import RUNTIME
from components.packaging import built_folder
from components.packaging.built_folder import COMPILER, build_folder, cache_path
from tests.components.packaging.fake_uv import FakeUv, content


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeUv:
    return FakeUv(tmp_path, monkeypatch)


def one_module(folder: Path) -> None:
    (folder / "a.py").write_text("x = 1", encoding="utf-8")


def test_bytecode_names_the_mount_path(uv: FakeUv, tmp_path: Path) -> None:
    build_folder(tmp_path / "build" / "it", one_module, mount="/var/task")
    files = content(tmp_path / "build" / "it")

    assert files.pop("a.py") == b"x = 1"
    ((name, bytecode),) = files.items()
    assert name.startswith("__pycache__/a.")
    assert b"/var/task/a.py" in bytecode
    assert [path.name for path in (tmp_path / "build").iterdir()] == ["it"]


def test_the_pinned_python_compiles(uv: FakeUv, tmp_path: Path) -> None:
    build_folder(tmp_path / "it", one_module, mount="/opt")
    (call,) = uv.calls

    assert COMPILER.startswith(RUNTIME.removeprefix("python") + ".")
    assert f"cpython@{COMPILER}" in call["arguments"]
    assert call["pyenv"] == COMPILER
    # Isolate the compiler from installed packages and environment variables.
    assert {"--no-project", "--isolated", "-I", "-S"} <= set(call["arguments"])


def test_without_that_python_the_error_says_what_to_do(uv: FakeUv, tmp_path: Path) -> None:
    uv.fail("error: No interpreter found\n\nhint: none")

    with pytest.raises(pulumi.RunError, match=r"No interpreter found hint: none.*`uv python install 3\.13\.") as caught:
        build_folder(tmp_path / "build" / "it", one_module, mount="/opt")

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("wrong", ["x = = 1", "def"])
def test_a_folder_that_does_not_compile_is_not_kept(uv: FakeUv, tmp_path: Path, wrong: str) -> None:
    def fill(folder: Path) -> None:
        (folder / "a.py").write_text(wrong, encoding="utf-8")

    with pytest.raises(pulumi.RunError, match=r"/opt/a\.py:1: invalid syntax"):
        build_folder(tmp_path / "build" / "it", fill, mount="/opt")

    assert list((tmp_path / "build").iterdir()) == []


def test_an_interrupted_folder_is_not_kept(uv: FakeUv, tmp_path: Path) -> None:
    def fill(folder: Path) -> None:
        one_module(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_folder(tmp_path / "build" / "it", fill, mount="/opt")

    assert list((tmp_path / "build").iterdir()) == []


def test_of_two_concurrent_builds_the_first_is_kept(uv: FakeUv, tmp_path: Path) -> None:
    folder = tmp_path / "build" / "it"

    def fill(other: Path) -> None:
        one_module(other)
        build_folder(folder, one_module, mount="/opt")

    build_folder(folder, fill, mount="/opt")

    assert (folder / "a.py").read_text(encoding="utf-8") == "x = 1"
    assert [path.name for path in folder.parent.iterdir()] == ["it"]


def test_the_name_depends_on_names_and_content_of_the_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(built_folder, "PROJECT", tmp_path)
    first, second, third = tmp_path / "a.py", tmp_path / "b.py", tmp_path / "c.py"
    for path in (first, second, third):
        path.write_text("x", encoding="utf-8")
    before = cache_path("it", [first, second])

    assert before.parent == built_folder.BUILD
    assert before.name.startswith("it-")
    assert cache_path("it", [second, first]) == before
    others = {cache_path("it", [first]), cache_path("it", [first, third]), cache_path("that", [first, second])}
    second.write_text("xx", encoding="utf-8")
    others.add(cache_path("it", [first, second]))
    assert len({before, *others}) == 5


def test_the_name_depends_on_the_build_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = cache_path("it", [])
    (tmp_path / "other.py").write_text("compile differently", encoding="utf-8")
    monkeypatch.setattr(built_folder, "WRITE_BYTECODE", tmp_path / "other.py")

    assert cache_path("it", []) != before
