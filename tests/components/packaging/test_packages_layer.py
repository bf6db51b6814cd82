"""The layer with third-party packages, tested without downloads."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest

from components.blocks.python_function import Architecture
from components.packaging import built_folder, packages_layer
from components.packaging import uv as uv_module
from components.packaging.packages_layer import build_layer
from tests.components.packaging.fake_uv import FakeUv, content
from tests.components.recorder import Recorded, record

BUILT = ["python/package-1.dist-info/METADATA", "python/package/__init__.py", "python/package/__pycache__/__init__"]
"""All files of a layer with the fake uv's only package, without the suffix of the Python that compiled the last one."""


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeUv:
    return FakeUv(tmp_path, monkeypatch)


@pytest.mark.parametrize(("architecture", "platform"), [("arm64", "aarch64-"), ("x86_64", "x86_64-")])
def test_a_layer_is_built_for_the_functions_platform(
    uv: FakeUv, tmp_path: Path, architecture: str, platform: str
) -> None:
    build_layer(tmp_path / "build" / "layer", architecture)
    export, install, _compile = (" ".join(call["arguments"]) for call in uv.calls)

    assert "--frozen" in export, "versions must come from the lock file"
    assert "--only-group lambdas" in export
    assert f"--python-platform {platform}manylinux_2_28 " in install
    assert "--python-version 3.13 " in install
    assert "--only-binary :all:" in install, "a source package would be built for this machine"


def test_every_architecture_has_its_platform() -> None:
    assert packages_layer.PLATFORMS.keys() == set(Architecture)


def test_a_layer_contains_only_installed_files_and_no_local_paths(uv: FakeUv, tmp_path: Path) -> None:
    build_layer(tmp_path / "build" / "layer", "arm64")
    files = content(tmp_path / "build" / "layer")

    assert [name.partition(".cpython")[0] for name in sorted(files)] == BUILT
    assert [name for name, data in files.items() if str(tmp_path).encode() in data] == []
    assert [path.name for path in (tmp_path / "build").iterdir()] == ["layer"]


def test_a_uv_failure_is_reported_in_one_line(uv: FakeUv, tmp_path: Path) -> None:
    uv.fail("error: No solution found\n  because of the moon")

    with pytest.raises(
        pulumi.RunError, match=r"^the functions' packages could not be installed: .*because of the moon"
    ):
        build_layer(tmp_path / "build" / "layer", "arm64")

    assert list((tmp_path / "build").iterdir()) == [], "a later run would use the incomplete layer"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project for the real uv, whose functions import a package `bean`."""
    monkeypatch.setattr(uv_module, "PROJECT", tmp_path)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "it"\nversion = "0"\nrequires-python = ">=3.11"\n'
        '[dependency-groups]\nlambdas = ["bean"]\n'
        '[tool.uv]\npackage = false\nno-index = true\nfind-links = ["./wheels"]\n',
        encoding="utf-8",
    )
    (tmp_path / "wheels").mkdir()
    return tmp_path


def lock(project: Path, tag: str) -> None:
    """Lock the only available `bean`: a wheel with the tag, or a source distribution."""
    metadata = "Metadata-Version: 2.1\nName: bean\nVersion: 1.0\n"
    if tag == "source":
        packed = zipfile.ZipFile(project / "wheels" / "bean-1.0.zip", "w")
        # With these two files, uv reads the metadata without building the package.
        files = {"bean-1.0/PKG-INFO": metadata, "bean-1.0/pyproject.toml": '[project]\nname="bean"\nversion="1.0"\n'}
    else:
        packed = zipfile.ZipFile(project / "wheels" / f"bean-1.0-{tag}.whl", "w")
        wheel = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: {tag}\n"
        files = {f"bean-1.0.dist-info/{name}": text for name, text in {"METADATA": metadata, "WHEEL": wheel}.items()}
        files["bean-1.0.dist-info/RECORD"] = ""
    with packed:
        for name, text in files.items():
            packed.writestr(name, text)
    program = Path(sys.executable).parent / "uv"
    subprocess.run([program, "--quiet", "lock", "--python", sys.executable], cwd=project, check=True)


@pytest.mark.parametrize(
    ("tag", "architecture"),
    [
        ("cp313-cp313-manylinux_2_28_x86_64", "arm64"),
        ("cp313-cp313-manylinux_2_28_aarch64", "x86_64"),
        ("cp313-cp313-macosx_11_0_arm64", "arm64"),
        ("cp313-cp313-musllinux_1_2_aarch64", "arm64"),
        ("cp312-cp312-manylinux_2_28_aarch64", "arm64"),
        ("source", "x86_64"),
    ],
)
def test_a_package_without_a_wheel_is_named_in_one_line(project: Path, tag: str, architecture: str) -> None:
    lock(project, tag)

    with pytest.raises(pulumi.RunError) as caught:
        build_layer(project / "layer", architecture)

    message = str(caught.value)
    assert message.startswith(f"bean==1.0 has no wheel for functions on {architecture} (")
    assert "`lambdas` of pyproject.toml" in message
    assert "`uv lock`" in message
    assert "\n" not in message
    assert not (project / "layer").exists()


def layer(architecture: str, *, build: bool = True) -> Recorded:
    program = record(lambda: pulumi.export("arn", packages_layer.packages_layer("it", architecture, build=build)))
    return program.one(aws.lambda_.LayerVersion)


def test_it_is_built_once_for_each_architecture(uv: FakeUv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(built_folder, "BUILD", tmp_path / "build")
    arm = layer("arm64")
    calls = len(uv.calls)
    again = layer("arm64")
    assert len(uv.calls) == calls
    intel = layer("x86_64")

    assert again["code"].path == arm["code"].path != intel["code"].path
    assert len(list((tmp_path / "build").iterdir())) == 2
    assert (arm["compatibleArchitectures"], intel["compatibleArchitectures"]) == (["arm64"], ["x86_64"])


def test_without_build_it_is_named_but_not_built(uv: FakeUv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(built_folder, "BUILD", tmp_path / "build")
    named = layer("arm64", build=False)["code"].path

    assert (uv.calls, (tmp_path / "build").exists()) == ([], False)
    assert layer("arm64")["code"].path == named


def test_its_name_depends_on_the_lock_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = layer("arm64", build=False)["code"].path
    (tmp_path / "uv.lock").write_text("another version", encoding="utf-8")
    monkeypatch.setattr(packages_layer, "PROJECT", tmp_path)

    assert layer("arm64", build=False)["code"].path != before
