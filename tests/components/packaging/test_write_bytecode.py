"""Bytecode next to sources: Python uses it, and it depends only on the sources."""

import os
import subprocess
import sys
from pathlib import Path

from components.packaging.built_folder import WRITE_BYTECODE
from tests.components.packaging.fake_uv import content

PYTHON = [sys.executable, "-I", "-S"]


def compiled(folder: Path, *, seed: int = 0) -> dict[str, bytes]:
    """The content of a folder after compiling it."""
    # `-I` would ignore the seed.
    command = [sys.executable, "-S", str(WRITE_BYTECODE), str(folder), "/opt"]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": str(seed)})
    return content(folder)


def sources(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_bytecode_is_added_next_to_every_source(tmp_path: Path) -> None:
    files = {"a.py": "x = 1", "p/__init__.py": "", "p/b.py": "y = 2", "p/data.txt": "z"}
    tag = sys.implementation.cache_tag

    assert compiled(sources(tmp_path, files)).keys() == {
        *files,
        *(f"__pycache__/a.{tag}.pyc", f"p/__pycache__/__init__.{tag}.pyc", f"p/__pycache__/b.{tag}.pyc"),
    }


def test_bytecode_is_used_without_checking_the_source(tmp_path: Path) -> None:
    compiled(sources(tmp_path, {"a.py": "x = 'compiled'"}))
    # Newer, and with another size.
    sources(tmp_path, {"a.py": "x = 'from the source'"})

    start = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import a; print(a.x)"
    assert subprocess.check_output([*PYTHON, "-c", start], text=True) == "compiled\n"


def test_tracebacks_name_the_deployed_path(tmp_path: Path) -> None:
    files = compiled(sources(tmp_path / "a folder of this machine", {"p/a.py": "def f():\n    pass\n"}))
    (bytecode,) = [data for name, data in files.items() if name.endswith(".pyc")]

    assert b"/opt/p/a.py" in bytecode
    assert b"a folder of this machine" not in bytecode


def test_the_same_sources_give_the_same_bytecode(tmp_path: Path) -> None:
    text = "x = {'a', 'b', 'c d', 1}\ndef f(y):\n    return y in {'a', 'b', 'c d', 1, 2.5}\n"
    first, second = (sources(tmp_path / name, {"a.py": text}) for name in ("a", "somewhere/else"))
    os.utime(second / "a.py", (0, 0))

    assert compiled(first) == compiled(second, seed=1)


def test_a_syntax_error_is_reported_in_one_line(tmp_path: Path) -> None:
    sources(tmp_path, {"p/a.py": "x = 1\n\ny = = 2\n"})
    done = subprocess.run([*PYTHON, str(WRITE_BYTECODE), str(tmp_path), "/opt"], capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (1, "/opt/p/a.py:3: invalid syntax\n")
