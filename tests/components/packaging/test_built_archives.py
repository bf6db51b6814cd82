"""The layer and the functions' code as they are uploaded, built with packages from PyPI."""

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pulumi_aws as aws
import pytest

from components.blocks.python_function import Architecture
from components.packaging.built_folder import WRITE_BYTECODE
from components.packaging.function_code import build_function_code
from components.packaging.packages_layer import build_layer
from tests.components.packaging.fake_uv import content
from tests.components.packaging.lambda_runtime import functions_python, runtime_sources
from tests.components.recorder import ROOT, recorded_stack

pytestmark = pytest.mark.long

MACHINES = {"arm64": 183, "x86_64": 62}
"""The machine that a library is compiled for (`e_machine` in the ELF specification)."""

IMPORT = """
import importlib, json, sys
from importlib.machinery import SourceFileLoader

compiled, compile_source = [], SourceFileLoader.source_to_code
def recording(self, data, path, **options):
    compiled.append(str(path))
    return compile_source(self, data, path, **options)
SourceFileLoader.source_to_code = recording

module, handler, *places = json.loads(sys.argv[1])
sys.path[:] = [*places[:2], *sys.path, *places[2:]]
assert callable(getattr(importlib.import_module(module), handler))
print(json.dumps([path for path in compiled if path.startswith(tuple(places[:2]))]))
"""
"""Imports a function with Lambda's path: the code, the layer and the runtime's packages. Prints which sources of the
first two it had to compile."""


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The layer for each architecture."""
    folders = {architecture: tmp_path_factory.mktemp("built") / architecture for architecture in Architecture}
    for architecture, folder in folders.items():
        build_layer(folder, architecture)
    return folders


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The functions' code."""
    folder = tmp_path_factory.mktemp("built") / "code"
    build_function_code(folder)
    return folder


@pytest.fixture
def python() -> str:
    """The functions' Python, which compiled the layers and the code."""
    return functions_python()


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Another folder, on a machine with other settings."""
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("PYTHONOPTIMIZE", "2")
    # By default, uv links files from its cache.
    monkeypatch.setenv("UV_LINK_MODE", "copy")
    mask = os.umask(0o077)
    yield tmp_path / "another place" / "deep" / "below"
    os.umask(mask)


@pytest.mark.parametrize("architecture", Architecture)
def test_a_layer_is_identical_wherever_it_is_built(layers: dict[str, Path], elsewhere: Path, architecture: str) -> None:
    build_layer(elsewhere, architecture)

    assert content(elsewhere) == content(layers[architecture])


def test_code_is_identical_wherever_it_is_built(code: Path, elsewhere: Path) -> None:
    build_function_code(elsewhere)

    assert content(elsewhere) == content(code)


def test_bytecode_does_not_depend_on_the_compilers_state(layers: dict[str, Path], python: str, tmp_path: Path) -> None:
    folder = shutil.copytree(layers["arm64"], tmp_path / "copy", ignore=shutil.ignore_patterns("__pycache__"))
    # With the default bytecode format, typing_extensions would differ.
    start = "import asyncio, http, runpy, sys, typing; del sys.argv[0]; runpy.run_path(sys.argv[0], None, '__main__')"
    subprocess.run([python, "-I", "-S", "-c", start, str(WRITE_BYTECODE), str(folder), "/opt"], check=True)

    assert content(folder) == content(layers["arm64"])


def test_archive_sizes(layers: dict[str, Path], code: Path, tmp_path: Path) -> None:
    sizes = {
        folder.name: Path(shutil.make_archive(str(tmp_path / folder.name), "zip", folder)).stat().st_size
        for folder in (code, *layers.values())
    }
    print({name: f"{size / 1e6:.1f} MB" for name, size in sizes.items()})

    assert {name: size for name, size in sizes.items() if size >= 20e6} == {}
    assert sizes["code"] < 1e6


@pytest.mark.parametrize("architecture", Architecture)
def test_libraries_are_for_the_functions_processor(layers: dict[str, Path], architecture: str) -> None:
    files = content(layers[architecture])
    machines = {name: int.from_bytes(data[18:20], "little") for name, data in files.items() if data[:4] == b"\x7fELF"}
    tags = [line for name, data in files.items() if name.endswith(".dist-info/WHEEL") for line in data.split(b"\n")]

    assert len(machines) > 10
    assert {name: machine for name, machine in machines.items() if machine != MACHINES[architecture]} == {}
    assert not [name for name in files if ".so" in Path(name).name and name not in machines]
    other = {"arm64": b"x86_64", "x86_64": b"aarch64"}[architecture]
    assert [tag for tag in tags if other in tag or b"musllinux" in tag] == []


def test_every_source_has_bytecode_for_the_functions_python(layers: dict[str, Path], code: Path) -> None:
    for folder in (code, *layers.values()):
        files = content(folder)
        sources = [Path(name) for name in files if name.endswith(".py")]
        bytecode = {f"{s.parent}/__pycache__/{s.stem}.cpython-313.pyc" for s in sources}

        assert {name for name in files if name.endswith(".pyc")} == bytecode
        # 3571 is Python 3.13's magic number (`Lib/importlib/_bootstrap_external.py`); 1 is an unchecked hash-based pyc.
        header = (3571).to_bytes(2, "little") + b"\r\n" + (1).to_bytes(4, "little")
        assert {files[name][:8] for name in bytecode} == {header}


def test_no_file_contains_the_build_path(layers: dict[str, Path], code: Path) -> None:
    places = [str(place).encode() for place in (code.parent.parent, ROOT, Path.home(), sys.prefix)]
    files = {(folder.name, name): data for folder in (code, *layers.values()) for name, data in content(folder).items()}

    assert [name for name, data in files.items() if any(place in data for place in places if len(place) > 5)] == []


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    """The packages of Lambda's runtime, taken from this environment."""
    folder = tmp_path / "runtime"
    folder.mkdir()
    for source in runtime_sources():
        (folder / source.name).symlink_to(source)
    return folder


@pytest.mark.skipif(platform.system() != "Linux", reason="the layer's libraries need Linux")
def test_every_function_imports_from_its_archives_alone(
    layers: dict[str, Path], code: Path, runtime: Path, python: str
) -> None:
    architecture = {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]
    functions = recorded_stack("dev", workflow=True).of(aws.lambda_.Function)
    places = [str(code), str(layers[architecture] / "python"), str(runtime)]

    def imported(handler: str) -> str:
        module, _, name = handler.rpartition(".")
        # Isolate from site-packages and the environment, and write no bytecode.
        arguments = [python, "-I", "-S", "-B", "-c", IMPORT, json.dumps([module, name, *places])]
        done = subprocess.run(arguments, cwd="/", capture_output=True, text=True)
        return done.stderr or done.stdout.strip()

    handlers = sorted({function["handler"] for function in functions})
    with ThreadPoolExecutor(2) as pool:
        printed = dict(zip(handlers, pool.map(imported, handlers), strict=True))

    assert len(printed) > 30
    assert {handler: text for handler, text in printed.items() if text != "[]"} == {}
