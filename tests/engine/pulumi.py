"""Runs the program with Pulumi's own engine over the emulator, through the Automation API."""

import gc
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pulumi import automation

from local import program
from local.project import Project
from tests.engine.provider import VERSION

ROOT = Path(__file__).parents[2]
BUILT = ROOT / ".build" / "pulumi"
"""Where `make pulumi` builds the CLI, as `bin/pulumi`."""

NEEDED = tuple(map(int, version("pulumi").split(".")[:2]))
"""The oldest CLI that this SDK is sure to work with: its own version."""


def find_pulumi() -> Path | None:
    """The folder of a CLI, as `bin/pulumi`: that on the path if it is new enough, else the one that was built."""
    on_path = shutil.which("pulumi")
    candidates = [Path(on_path).parents[1]] if on_path and Path(on_path).parent.name == "bin" else []
    for folder in [*candidates, BUILT]:
        command = folder / "bin" / "pulumi"
        if not command.is_file():
            continue
        environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
        said = subprocess.run([command, "version"], env=environment, capture_output=True, text=True, check=False).stdout
        found = re.match(r"v?(\d+)\.(\d+)\.", said)
        if found and tuple(map(int, found.groups())) >= NEEDED:
            return folder
    return None


UNCHANGED = ("same", "refresh", "read")
"""Operations that change nothing."""


class Change(NamedTuple):
    """What the engine did, or would do, with a resource."""

    operation: str
    type: str
    name: str
    properties: tuple[str, ...]


class Run:
    """The events of one command."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        """In the order in which the engine began with them, without those that stay the same."""
        self.resources: Counter[tuple[str, str]] = Counter()
        """All resources, by type and name."""
        self.messages: list[str] = []
        """Warnings and errors."""
        self.errors: list[str] = []
        self.refreshed: set[str] = set()
        """The names of the resources that were updated or deleted, or that a refresh found changed or gone."""
        self.failed: set[str] = set()
        """The names of the resources that could not be deployed."""

    def receive(self, event: automation.EngineEvent) -> None:
        """Keep what an event says."""
        if pre := event.resource_pre_event:
            metadata = pre.metadata
            token, name = metadata.type, metadata.urn.rpartition("::")[2]
            if token == "pulumi:pulumi:Stack" or token.startswith("pulumi:providers:"):
                return
            self.resources[token, name] += 1
            if metadata.op.value not in UNCHANGED:
                self.changes.append(Change(metadata.op.value, token, name, tuple(metadata.diffs or ())))
        if (refreshed := event.res_outputs_event) and refreshed.metadata.op.value in ("update", "delete"):
            self.refreshed.add(refreshed.metadata.urn.rpartition("::")[2])
        if failed := event.res_op_failed_event:
            self.failed.add(failed.metadata.urn.rpartition("::")[2])
        if (said := event.diagnostic_event) and said.severity in ("warning", "error", "info#err"):
            self.messages.append(re.sub(r"<\{%.*?%\}>", "", said.message).strip())
            self.errors += self.messages[-1:] if said.severity == "error" else []


class PulumiStack:
    """A stack in a folder of its own, with a state file and plugins in it."""

    def __init__(self, folder: Path, pulumi: Path, stack: str, root: Path) -> None:
        """Make the stack of the project in `root`, or find it in the folder."""
        self.folder, self.stack, self.root, self.pulumi = folder, stack, root, pulumi / "bin" / "pulumi"
        work = folder / "work"
        self.file = work / f"Pulumi.{stack}.yaml"
        if not work.exists():
            work.mkdir(parents=True)
            for name in ("Pulumi.yaml", self.file.name):
                shutil.copy(root / name, work)
        self.environment = {
            "PATH": f"{pulumi / 'bin'}:{os.environ['PATH']}",
            "PULUMI_HOME": str(_home(folder)),
            "PULUMI_BACKEND_URL": f"file://{folder}",
            "PULUMI_CONFIG_PASSPHRASE": "for this test only",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PYTHONPATH": str(ROOT),
        }
        options = automation.LocalWorkspaceOptions(
            work_dir=str(work), env_vars=self.environment, pulumi_command=automation.PulumiCommand(str(pulumi))
        )
        self.automation = automation.create_or_select_stack(stack, "cafe", program=self._program, opts=options)

    def configure(self, config: dict[str, Any]) -> None:
        """Change settings of the stack's file; `None` removes one."""
        content = yaml.safe_load(self.file.read_text()) or {}
        content["config"] = {**(content.get("config") or {}), **config}
        content["config"] = {key: value for key, value in content["config"].items() if value is not None}
        self.file.write_text(yaml.safe_dump(content))

    def _program(self) -> None:
        # When the futures of a failed run are collected, asyncio formats their tracebacks, for which Python 3.11 parses
        # source code. It cannot do that while the program parses the functions' imports.
        gc.disable()
        try:
            program.execute(Project(self.root, "cafe", self.stack, {}))
        finally:
            gc.enable()

    def preview(self, **options: Any) -> Run:
        """`pulumi preview`. Raises `CommandError`."""
        return self._run(self.automation.preview, options)

    def up(self, **options: Any) -> Run:
        """`pulumi up`. Raises `CommandError`."""
        return self._run(self.automation.up, options)

    def refresh(self, **options: Any) -> Run:
        """`pulumi refresh`. Raises `CommandError`."""
        return self._run(self.automation.refresh, options)

    def destroy(self, **options: Any) -> Run:
        """`pulumi destroy`. Raises `CommandError`."""
        return self._run(self.automation.destroy, options)

    def deployed(self) -> list[str]:
        """The URNs in the stack's state, without the stack itself and providers."""
        resources = json.loads(self.command("stack", "export"))["deployment"].get("resources", [])
        own = ("pulumi:pulumi:Stack", "pulumi:providers:aws")
        return [resource["urn"] for resource in resources if resource["type"] not in own]

    def command(self, *arguments: str) -> str:
        """Run a command of the CLI on the stack. Returns what it prints; raises `CalledProcessError`."""
        return subprocess.run(
            [self.pulumi, *arguments, "--stack", self.stack, "--non-interactive", "--color", "never"],
            cwd=self.file.parent,
            env={**os.environ, **self.environment},
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        ).stdout

    def _run(self, command: Callable[..., Any], options: dict[str, Any]) -> Run:
        self.last = run = Run()
        with _own_modules():
            command(on_event=run.receive, **options)
        return run


@contextmanager
def _own_modules() -> Iterator[None]:
    """Import the program's modules anew, from the stack's project, and leave those of other tests alone."""
    names = [name for name in sys.modules if name.partition(".")[0] in ("components", "lambdas")]
    before = {name: sys.modules.pop(name) for name in names}
    importlib.invalidate_caches()
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] in ("components", "lambdas")]:
            del sys.modules[name]
        sys.modules.update(before)


def _home(folder: Path) -> Path:
    """Pulumi's own folder, with the provider as its only plugin."""
    plugin = folder / "home" / "plugins" / f"resource-aws-v{VERSION}"
    plugin.mkdir(parents=True, exist_ok=True)
    script = plugin / "pulumi-resource-aws"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tests.engine.provider\n')
    script.chmod(0o755)
    return folder / "home"


if __name__ == "__main__":
    # `up` in a process of its own, to be killed: arguments are the folder, the stack and the project.
    found = find_pulumi()
    assert found
    PulumiStack(Path(sys.argv[1]), found, sys.argv[2], Path(sys.argv[3])).up()
