"""The layer with the functions' third-party packages, built from the lock file for the functions' platform.

uv builds it from wheels alone, without Docker or a compiler. The folder's name identifies its sources, so it is built
once per lock file.
"""

import re
import shutil
import sys
from pathlib import Path

import pulumi
import pulumi_aws as aws

from ..blocks.python_function import RUNTIME
from .built_folder import build_folder, cache_path
from .project import PROJECT
from .uv import UvFailed, uv

DEPENDENCY_GROUP = "lambdas"
"""Dependency group of the functions in `pyproject.toml`; the runtime provides boto3."""

PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
"""Platforms of wheels, by Lambda architecture. The runtime is Amazon Linux 2023 with glibc 2.34 (Lambda developer
guide, "Lambda runtimes"); wheels for an older glibc work too."""

PYTHON_VERSION = RUNTIME.removeprefix("python")

MACHINE_DEPENDENT = ("python/bin", "python/.lock", "python/*.dist-info/RECORD")
"""What uv installs besides the packages and no function needs: scripts with this machine's Python in their first line,
a lock, and lists with the hashes of those scripts."""

NO_WHEEL = re.compile(r"(\S+==\S+) has no (?:usable )?wheels")
"""uv's message that a package can only be built from source."""


def packages_layer(name: str, architecture: str, *, build: bool = True) -> pulumi.Output[str]:
    """The ARN of the layer version for `arm64` or `x86_64`. Without `build`, for a preview that uploads nothing, the
    folder is not created. Raises `pulumi.RunError`."""
    if not (PROJECT / "uv.lock").is_file():
        raise pulumi.RunError(
            f"{PROJECT} has no uv.lock: list the functions' packages in the group {DEPENDENCY_GROUP!r} of "
            "pyproject.toml, and run `uv lock`"
        )
    folder = cache_path(f"layer-{architecture}", [PROJECT / "uv.lock", Path(__file__)])
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
    which names a package without a wheel for the functions' platform."""
    build_folder(folder, lambda filled: _install(filled, architecture), mount="/opt")


def _install(folder: Path, architecture: str) -> None:
    """Install the locked packages below `python/`, which is on the path of functions with the layer."""
    requirements = folder / "requirements.txt"
    try:
        uv("export", "--frozen", "--only-group", DEPENDENCY_GROUP, "--output-file", str(requirements))
        uv(
            *("pip", "install", "--requirements", str(requirements), "--target", str(folder / "python")),
            *("--python-platform", PLATFORMS[architecture], "--python-version", PYTHON_VERSION),
            *("--only-binary", ":all:", "--no-compile-bytecode"),
            # It is not used, but uv looks for one and does not find it everywhere.
            *("--python", sys.executable),
        )
    except UvFailed as failed:
        raise pulumi.RunError(_reason(str(failed), architecture)) from None
    requirements.unlink()
    for path in [path for pattern in MACHINE_DEPENDENT for path in folder.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _reason(output: str, architecture: str) -> str:
    """Why the packages cannot be installed, in one line."""
    if missing := NO_WHEEL.search(output):
        return (
            f"{missing[1]} has no wheel for functions on {architecture} ({PLATFORMS[architecture]}, Python "
            f"{PYTHON_VERSION}), and packages are not built from source: require a version with a wheel, or another "
            f"package, in the group `{DEPENDENCY_GROUP}` of pyproject.toml, and run `uv lock`"
        )
    return f"the functions' packages could not be installed: {output}"
