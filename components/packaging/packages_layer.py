"""The layer with the functions' third-party packages, built from the lock file for the functions' own platform.

uv does it from wheels alone: no Docker, no compiler. The folder is kept under a name that tells what it was made from,
so it is built once for a lock file.
"""

import re
import shutil
import sys
from pathlib import Path

import pulumi
import pulumi_aws as aws

from ..blocks.python_function import RUNTIME
from .built_folder import build_folder, kept_at
from .project import PROJECT
from .uv import UvFailed, uv

DEPENDENCY_GROUP = "lambdas"
"""The group in `pyproject.toml` that the functions import; boto3 comes with the runtime."""

PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
"""What wheels may ask for, by Lambda's name of the architecture. The runtime is Amazon Linux 2023, whose glibc is 2.34
(Lambda developer guide, "Lambda runtimes"), and wheels for an older one do."""

PYTHON_VERSION = RUNTIME.removeprefix("python")

MACHINE_DEPENDENT = ("python/bin", "python/.lock", "python/*.dist-info/RECORD")
"""What uv leaves beside the packages and no function needs: scripts that name this machine's Python in their first
line, a lock, and lists that have those scripts' hashes."""

NO_WHEEL = re.compile(r"(\S+==\S+) has no (?:usable )?wheels")
"""How uv says that a package could only be built from its source."""


def packages_layer(name: str, architecture: str, *, build: bool = True) -> pulumi.Output[str]:
    """The ARN of the layer's version for `arm64` or `x86_64`. Without `build`, for a look at the program that uploads
    nothing, the folder is only named. Raises `pulumi.RunError`."""
    folder = kept_at(f"layer-{architecture}", [PROJECT / "uv.lock", Path(__file__)])
    if build and not folder.exists():
        build_layer(folder, architecture)
    version = aws.lambda_.LayerVersion(
        name,
        layer_name=name,
        description="Third-party packages of the functions",
        code=pulumi.FileArchive(str(folder)),
        compatible_runtimes=[RUNTIME],
        compatible_architectures=[architecture],
    )
    return version.arn


def build_layer(folder: Path, architecture: str) -> None:
    """Install the locked packages into a folder for `arm64` or `x86_64`, and compile them. Raises `pulumi.RunError`,
    which names a package that has no wheel for the functions' platform."""
    build_folder(folder, lambda filled: _install(filled, architecture), mount="/opt")


def _install(folder: Path, architecture: str) -> None:
    """Put the locked packages below `python/`, which is on the path of functions that have the layer."""
    requirements = folder / "requirements.txt"
    try:
        uv("export", "--frozen", "--only-group", DEPENDENCY_GROUP, "--output-file", str(requirements))
        uv(
            *("pip", "install", "--requirements", str(requirements), "--target", str(folder / "python")),
            *("--python-platform", PLATFORMS[architecture], "--python-version", PYTHON_VERSION),
            *("--only-binary", ":all:", "--no-compile-bytecode"),
            # It is not used, but uv looks for one, and not everywhere would find it.
            *("--python", sys.executable),
        )
    except UvFailed as failed:
        raise pulumi.RunError(_reason(str(failed), architecture)) from None
    requirements.unlink()
    for path in [path for pattern in MACHINE_DEPENDENT for path in folder.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _reason(said: str, architecture: str) -> str:
    """Why the packages cannot be had, in one line."""
    if missing := NO_WHEEL.search(said):
        return (
            f"{missing[1]} has no wheel for functions on {architecture} ({PLATFORMS[architecture]}, Python "
            f"{PYTHON_VERSION}), and nothing is compiled here: ask for a version that has one, or another package, in "
            f"the group `{DEPENDENCY_GROUP}` of pyproject.toml, and run `uv lock`"
        )
    return f"the functions' packages could not be installed: {said}"
