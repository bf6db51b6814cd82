"""How long `preview` of the whole stack takes, compared with the minimum, starting Python and importing the SDK modules
it uses, and with a Python CDK app if Node.js is installed."""

import json
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from components.packaging.uv import uv
from tests.bench.section import Row

ROOT = Path(__file__).parents[2]
ROUNDS = 7

PREVIEW = ("-m", "local", "preview", "--stack", "dev")

LOADED = """
import contextlib, json, sys
from local.commands import main
with contextlib.redirect_stdout(sys.stderr):
    assert main(["preview", "--stack", "dev"]) == 0
print(json.dumps(sorted(sys.modules)))
"""
"""Prints the modules that a preview loads."""

CDK_VERSION = "2.275.0"
CDK_RESOURCES = 45

CDK = f"""
import tempfile
import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs
app = cdk.App(outdir=tempfile.mkdtemp())
stack = cdk.Stack(app, "queues")
for number in range({CDK_RESOURCES}):
    sqs.Queue(stack, f"queue-{{number}}")
app.synth()
"""
"""The simplest Python CDK app with this many resources. Runs without the CDK CLI."""


def measure() -> Iterator[Row]:
    """Rows about a preview's CPU time and elapsed time, and their parts."""
    sides = {"preview": (sys.executable, *PREVIEW), "floor": (sys.executable, "-c", floor(loaded_modules()))}
    with TemporaryDirectory() as folder:
        if shutil.which("node"):
            sides["cdk"] = (cdk_python(Path(folder) / "cdk"), "-c", CDK)
        processor, elapsed = compare(sides)

    yield Row(f"preview of {count()} resources, CPU time", f"{processor['preview']:.2f} s", "1.5 s")
    yield Row("preview, elapsed time", f"{elapsed['preview']:.2f} s")
    yield Row("of which Python and the Pulumi imports", f"{processor['floor']:.2f} s")
    yield Row("preview, relative to those imports", f"{processor['preview'] / processor['floor']:.2f}")
    against = f"preview, relative to a Python CDK app of {CDK_RESOURCES} queues without the CDK CLI, CPU time"
    yield Row(
        against, f"{processor['preview'] / processor['cdk']:.2f}" if "cdk" in sides else "Node.js not found", "0.6"
    )
    if "cdk" in sides:
        yield Row("the same, elapsed time", f"{elapsed['preview'] / elapsed['cdk']:.2f}", "0.6")


def cdk_python(folder: Path) -> str:
    """The Python of a new environment with the CDK, compiled to bytecode like this project's."""
    uv("venv", "--python", sys.executable, str(folder))
    uv("pip", "install", "--python", str(folder), "--compile-bytecode", f"aws-cdk-lib=={CDK_VERSION}")
    return str(folder / "bin" / "python")


def compare(sides: dict[str, tuple[str, ...]]) -> tuple[dict[str, float], dict[str, float]]:
    """The minimum CPU time and the median elapsed time of each side's command. The commands take turns."""
    for command in sides.values():
        seconds(command)  # warm-up: compiles bytecode and fills the page cache
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, command in sides.items():
            runs[name].append(seconds(command))
    processor = {name: min(each[0] for each in of) for name, of in runs.items()}
    return processor, {name: statistics.median(each[1] for each in of) for name, of in runs.items()}


def seconds(command: tuple[str, ...]) -> tuple[float, float]:
    """CPU time and elapsed time, in seconds, of a process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    elapsed = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, elapsed


def loaded_modules() -> list[str]:
    """The names of the modules that a preview loads."""
    return json.loads(python("-c", LOADED))


def floor(modules: list[str]) -> str:
    """A program that only imports the Pulumi modules among these, with garbage collection disabled."""
    imports = [f"import {name}" for name in modules if name.partition(".")[0] in ("pulumi", "pulumi_aws")]
    return "\n".join(["import gc", "gc.disable()", *imports, "gc.freeze()"])


def count() -> int:
    """The number of resources: the second to last word of the first line, `... stack dev: 217 resources`."""
    return int(python(*PREVIEW).splitlines()[0].split()[-2])


def python(*arguments: str) -> str:
    """The standard output of a Python process."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
