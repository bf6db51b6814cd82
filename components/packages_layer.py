"""The layer with the functions' third-party packages, built from the lock file for the functions' own platform.

uv does it from wheels alone: no Docker, no compiler. The archive is kept under a name that tells what it was made from,
so it is built once for a lock file.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pulumi
import pulumi_aws as aws

from components.function_code import PROJECT
from components.python_function import ARCHITECTURE, RUNTIME

BUILD = PROJECT / ".build"
DEPENDENCY_GROUP = "lambdas"
"""The group in `pyproject.toml` that the functions import; boto3 comes with the runtime."""

PLATFORM = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}[ARCHITECTURE]
LEFT_OUT = {"bin", ".lock"}
"""What uv leaves beside the packages and no function needs."""

FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the archive (the first that a zip can hold): it must not depend on when it was built."""


def packages_layer(name: str, *, build: bool = True) -> pulumi.Output[str]:
    """The ARN of the layer's version. Without `build`, for a look at the program that uploads nothing, the archive is
    only named."""
    archive = BUILD / f"layer-{_digest()}.zip"
    if build and not archive.exists():
        build_layer(archive)
    version = aws.lambda_.LayerVersion(
        name,
        layer_name=name,
        description="Third-party packages of the functions",
        code=pulumi.FileArchive(str(archive)),
        compatible_runtimes=[RUNTIME],
        compatible_architectures=[ARCHITECTURE],
    )
    return version.arn


def build_layer(archive: Path) -> None:
    """Install the locked packages for the functions' platform and pack them. `pulumi.RunError` has uv's reason."""
    archive.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent) as scratch:
        root = Path(scratch)
        requirements = root / "requirements.txt"
        _uv("export", "--frozen", "--only-group", DEPENDENCY_GROUP, "--output-file", str(requirements))
        _uv(
            *("pip", "install", "--requirements", str(requirements), "--target", str(root / "python")),
            *("--python-platform", PLATFORM, "--python-version", RUNTIME.removeprefix("python")),
            *("--only-binary", ":all:", "--no-compile-bytecode"),
        )
        packed = root / archive.name
        _pack(root / "python", packed)
        packed.replace(archive)


def _digest() -> str:
    """What the archive's content depends on: the locked versions, the platform, and how it is packed."""
    parts = [(PROJECT / "uv.lock").read_bytes(), Path(__file__).read_bytes(), RUNTIME.encode(), ARCHITECTURE.encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _uv(*arguments: str) -> None:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        raise pulumi.RunError("the functions' packages are built with uv, which is not there: run `make .venv/ready`")
    done = subprocess.run([uv, "--quiet", *arguments], cwd=PROJECT, capture_output=True, text=True)
    if done.returncode:
        raise pulumi.RunError(f"the functions' packages could not be built: {done.stderr.strip()}")


def _pack(folder: Path, archive: Path) -> None:
    """A zip with fixed times, modes and order. Lambda unpacks it below `/opt`, where `python/` is on the path."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.relative_to(folder).parts[0] not in LEFT_OUT:
                info = zipfile.ZipInfo(path.relative_to(folder.parent).as_posix(), FIXED_TIME)
                info.external_attr = 0o644 << 16
                info.compress_type = zipfile.ZIP_DEFLATED
                packed.writestr(info, path.read_bytes())
