"""Pulumi's own engine and the local run, with the same program, resource types and emulator."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from local import engine
from local.deployment import deploy
from local.emulator import Emulator, free_port
from local.emulator_client import Aws
from local.project import Project, load_project
from local.state import State
from tests.bench.section import Row
from tests.engine.pulumi import PulumiStack, find_pulumi

ROOT = Path(__file__).parents[2]
ROUNDS = 3

COMMANDS = ("preview", "up", "up, without changes", "destroy")


def measure() -> Iterator[Row]:
    """Medians of several rounds, in turn. The first round warms up caches and is not counted."""
    pulumi = find_pulumi()
    if pulumi is None:
        yield Row("`pulumi preview`, `pulumi up`", "no Pulumi CLI: run `make pulumi`")
        return
    rounds = [(_round(_pulumi, pulumi), _round(_local)) for _ in range(ROUNDS + 1)][1:]
    for n, command in enumerate(COMMANDS):
        theirs, ours = (statistics.median(each[side][n] for each in rounds) for side in (0, 1))
        yield Row(f"stack `local`, {command}: Pulumi's engine, local run", f"{theirs:.1f} s, {ours:.1f} s")


def _round(run: Callable[..., list[Callable[[], object]]], *arguments: Any) -> list[float]:
    """The seconds of each command, in a new emulator."""
    with tempfile.TemporaryDirectory() as folder:
        emulator = Emulator(free_port(), Path(folder), "us-east-1")
        try:
            emulator.wait_until_ready()
            return [_seconds(command) for command in run(emulator, Path(folder), *arguments)]
        finally:
            emulator.stop()


def _seconds(command: Callable[[], object]) -> float:
    begun = time.perf_counter()
    command()
    return time.perf_counter() - begun


def _pulumi(emulator: Emulator, folder: Path, pulumi: Path) -> list[Callable[[], object]]:
    """The commands of Pulumi's engine."""
    stack = PulumiStack(folder / "stack", pulumi, "local", ROOT)
    stack.file.write_text(stack.file.read_text().replace("http://localhost:4566", emulator.endpoint))
    return [stack.preview, stack.up, stack.up, stack.destroy]


def _local(emulator: Emulator, folder: Path) -> list[Callable[[], object]]:
    """The same with the local run's engine. `up` previews first, as Pulumi's does."""
    project = load_project(ROOT, "local").with_emulator_at(int(emulator.endpoint.rpartition(":")[2]))
    (folder / "empty").mkdir()
    (folder / "empty/__main__.py").touch()
    nothing = Project(folder / "empty", project.name, project.stack, project.config)
    aws, state = Aws(emulator.endpoint, project.region), State()

    def up(program: Project) -> None:
        engine.preview(program, state)
        deploy(program, aws, state)

    return [lambda: engine.preview(project), lambda: up(project), lambda: up(project), lambda: up(nothing)]
