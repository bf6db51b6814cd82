"""The layer with third-party packages, as far as it can be seen without downloading any."""

import os
import random
import re
import sys
import time
import zipfile
from pathlib import Path

import pulumi
import pytest

from components import packages_layer
from components.packages_layer import build_layer
from components.python_function import ARCHITECTURE
from tests.components.recorder import ROOT

CONTENT = {
    "zeta.py": b"z = 1\n",
    "alpha/__init__.py": b"",
    "alpha/data.bin": bytes(range(256)),
    "alpha-1.0.dist-info/METADATA": b"Name: alpha\n",
    "Beta/__init__.py": b"b = 1\n",
    "empty": b"",
}


def folder(root: Path, names: list[str], *, mode: int = 0o644, when: float | None = None) -> Path:
    """The content in a folder `python`, written in the given order."""
    target = root / "python"
    for name in names:
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(CONTENT[name])
        path.chmod(mode)
        if when is not None:
            os.utime(path, (when, when))
    return target


def packed(target: Path) -> bytes:
    archive = target.parent / "layer.zip"
    packages_layer._pack(target, archive)
    return archive.read_bytes()


@pytest.mark.parametrize("seed", range(5))
def test_equal_content_is_packed_into_equal_bytes(tmp_path: Path, seed: int) -> None:
    shuffled = random.Random(seed).sample(list(CONTENT), len(CONTENT))  # noqa: S311  no secret
    first = folder(tmp_path / "a", list(CONTENT))
    second = folder(tmp_path / "b", shuffled, mode=0o755, when=time.time() - 1e8 * seed)

    assert packed(first) == packed(second)


def test_other_content_is_packed_into_other_bytes(tmp_path: Path) -> None:
    first, second = folder(tmp_path / "a", list(CONTENT)), folder(tmp_path / "b", list(CONTENT))
    (second / "zeta.py").write_bytes(b"z = 2\n")

    assert packed(first) != packed(second)


def test_an_archive_is_what_lambda_unpacks(tmp_path: Path) -> None:
    packed(folder(tmp_path, list(CONTENT)))
    with zipfile.ZipFile(tmp_path / "layer.zip") as archive:
        entries = archive.infolist()
        names = archive.namelist()
        content = {entry.filename: archive.read(entry) for entry in entries}

    # Lambda looks for packages in `python/`.
    assert content == {f"python/{name}": data for name, data in CONTENT.items()}
    # A folder lists its files in whatever order it likes.
    assert [Path(name) for name in names] == sorted(Path(name) for name in names)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    # Whoever the function runs as has to be able to read them.
    assert {entry.external_attr >> 16 & 0o777 for entry in entries} == {0o644}


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A uv that notes what it is called with, and installs one module. `fails` beside it makes it fail."""
    program = tmp_path / "bin" / "uv"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, sys\n"
        "here = pathlib.Path(__file__).parent\n"
        "if (here / 'fails').exists():\n"
        "    sys.exit('error: No solution found\\n  because of the moon')\n"
        "with (here / 'calls').open('a') as calls:\n"
        "    print(*sys.argv[1:], file=calls)\n"
        "if '--output-file' in sys.argv:\n"
        "    pathlib.Path(sys.argv[sys.argv.index('--output-file') + 1]).write_text('package==1')\n"
        "if '--target' in sys.argv:\n"
        "    target = pathlib.Path(sys.argv[sys.argv.index('--target') + 1])\n"
        "    target.mkdir(parents=True)\n"
        "    (target / 'package.py').write_text('x = 1')\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name, **options: str(program))
    return program


def test_a_layer_is_built_for_the_functions_and_not_for_this_machine(uv: Path, tmp_path: Path) -> None:
    build_layer(tmp_path / "build" / "layer.zip")
    calls = (uv.parent / "calls").read_text(encoding="utf-8")
    platform = {"arm64": "aarch64", "x86_64": "x86_64"}[ARCHITECTURE]

    assert f"--python-platform {platform}-" in calls
    assert "--python-version 3.13" in calls
    assert "--only-binary :all:" in calls, "a source package would be built for this machine"
    assert "--frozen" in calls, "the lock file says which versions"
    assert "--only-group lambdas" in calls


def test_a_layer_holds_what_was_installed_and_nothing_is_left_behind(uv: Path, tmp_path: Path) -> None:
    archive = tmp_path / "build" / "layer.zip"
    build_layer(archive)

    with zipfile.ZipFile(archive) as content:
        assert content.read("python/package.py") == b"x = 1"
    assert list(archive.parent.iterdir()) == [archive]


def test_why_uv_failed_is_said(uv: Path, tmp_path: Path) -> None:
    (uv.parent / "fails").touch()

    with pytest.raises(pulumi.RunError, match="packages could not be built: error: No solution found") as caught:
        build_layer(tmp_path / "layer.zip")

    assert "because of the moon" in str(caught.value)
    assert not (tmp_path / "layer.zip").exists(), "a half-built archive would be taken for a whole one"


def test_what_to_do_without_uv_is_said_and_can_be_done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shutil.which", lambda name, **options: None)
    with pytest.raises(pulumi.RunError, match="built with uv, which is not there: run `make ") as caught:
        build_layer(tmp_path / "layer.zip")

    _, _, target = str(caught.value).rstrip("`").rpartition("`make ")
    targets = re.findall(r"^([\w./ -]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    # A folder that is there already is "up to date" for make, unless a rule of its own says otherwise.
    assert target in {name for names in targets for name in names.split()}


def test_the_archives_name_follows_what_it_is_made_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = packages_layer._digest()
    assert packages_layer._digest() == before

    (tmp_path / "uv.lock").write_text("another version", encoding="utf-8")
    monkeypatch.setattr(packages_layer, "PROJECT", tmp_path)
    assert packages_layer._digest() != before
