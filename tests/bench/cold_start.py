"""The cost of a cold start, import and first call, relative to importing boto3 and creating one client.

Each start is a process of the functions' Python whose path has only what Lambda has: the code and the layer as
uploaded, and the runtime's packages. It measures CPU time from before the first import to after the answer: a small
function spends most of its start there, and other load on the machine hardly affects it. A function's figure is the
median of several starts, each as a ratio to a boto3 start just before: a temporarily slow machine slows both.
"""

import ast
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from components.packaging.function_code import build_function_code
from components.packaging.packages_layer import build_layer
from tests.bench.calls import calls, environment, succeeded
from tests.bench.fake_aws import fake_aws
from tests.bench.section import Row
from tests.components.packaging.lambda_runtime import functions_python, runtime_sources
from tests.lambdas.pool import Pool

GOAL = 1.15
"""For functions that call AWS through the SDK, as a ratio to boto3 and one client."""

AUTHORIZER_GOAL = 0.6
"""For the authorizer, which does not use the SDK."""

ROUNDS = 11

BOTO3 = """
import boto3
answer = {"client": str(boto3.client("dynamodb"))}
"""

CALL = """
from lambdas import {module}
answer = {module}.handler({event!r}, Context)
"""

PROCESS = """
import sys, time
sys.path[:] = [*{first!r}, *sys.path, *{last!r}]
class Context:
    function_name, memory_limit_in_mb, aws_request_id = "bench", 512, "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:bench"
started = time.process_time()
{source}
print((time.process_time() - started, answer))
"""


class Bench(NamedTuple):
    """What a function's process needs."""

    python: str
    places: list[str]
    environment: dict[str, str]

    def start(self, source: str) -> float:
        """CPU seconds of one start."""
        program = PROCESS.format(first=self.places[:2], last=self.places[2:], source=source)
        # No site-packages, nothing written beside the sources.
        command = [self.python, "-I", "-S", "-B", "-c", program]
        done = subprocess.run(command, cwd="/", env=self.environment, check=True, stdout=subprocess.PIPE, text=True)
        seconds, answer = ast.literal_eval(done.stdout.splitlines()[-1])
        assert succeeded(answer), (source, answer)
        return float(seconds)


@contextmanager
def bench() -> Iterator[tuple[Bench, dict[str, str]]]:
    """The built environment and the source of each function's start. Removes the build at the end."""
    pool = Pool()
    with TemporaryDirectory() as folder, fake_aws(pool.jwks()) as address:
        code, layer, runtime = (Path(folder) / name for name in ("code", "layer", "runtime"))
        build_function_code(code)
        build_layer(layer, "x86_64")
        python = functions_python()
        copy_runtime(runtime, python)
        places = [str(code), str(layer / "python"), str(runtime)]
        sources = {name: CALL.format(module=name, event=event) for name, event in calls(pool).items()}
        yield Bench(python, places, environment(address)), sources


def copy_runtime(folder: Path, python: str) -> None:
    """Copy the runtime's packages and compile them to bytecode, as on Lambda."""
    folder.mkdir()
    for source in runtime_sources():
        if source.is_dir():
            shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder)
    command = [python, "-I", "-S", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", str(folder)]
    subprocess.run(command, check=True)


def starts(rounds: int = ROUNDS, only: Iterable[str] = ()) -> dict[str, list[tuple[float, float]]]:
    """The CPU seconds of each function's starts, each paired with those of the baseline just before."""
    with bench() as (prepared, sources):
        found: dict[str, list[tuple[float, float]]] = {}
        for _ in range(rounds):
            for number, name in enumerate(only or sources):
                if number % 2 == 0:
                    baseline = prepared.start(BOTO3)
                found.setdefault(name, []).append((prepared.start(sources[name]), baseline))
    return found


def ratios(rounds: int = ROUNDS, only: Iterable[str] = ()) -> dict[str, float]:
    """The median ratio to the baseline, by function."""
    return {name: ratio(each) for name, each in starts(rounds, only).items()}


def ratio(took: Iterable[tuple[float, float]]) -> float:
    """The median ratio of one function's starts."""
    return median(function / baseline for function, baseline in took)


def measure() -> Iterator[Row]:
    """The rows of the table, one per function."""
    found = starts()
    baseline = median(each for took in found.values() for _, each in took)
    yield Row(f"`import boto3` and one client: {baseline * 1000:.0f} ms CPU time", "1.00")
    for name, took in found.items():
        goal = AUTHORIZER_GOAL if name == "authorize" else GOAL
        yield Row(f"`{name}`", f"{ratio(took):.2f}", str(goal))
