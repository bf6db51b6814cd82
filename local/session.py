"""A running stack: what is deployed, and how it follows the program."""

from collections.abc import Callable, Sequence
from typing import Any

from ops.emulator_client import Aws
from ops.home import Home
from ops.stack import Stack

from . import program
from .deployment import deploy
from .engine import Plan, preview
from .project import Project, load_project
from .state import State
from .values import Content


class Session:
    """The stack that runs in a home. Used by one thread at a time."""

    def __init__(self, project: Project, home: Home, port: int) -> None:
        self.project = project
        self.port = port
        self._home = home
        self._aws = Aws(f"http://localhost:{port}", project.region)
        self._state = State()
        self._outputs: dict[str, Any] = {}

    @property
    def stack(self) -> Stack:
        """The stack's outputs and clients."""
        return Stack(self._outputs, self._aws.client)

    @property
    def aws(self) -> Aws:
        """The emulator's clients."""
        return self._aws

    def reload(self, given: Sequence[str] = ()) -> Project:
        """Read the project file, the stack file and the program's modules anew, with `given` settings (`KEY=VALUE`)
        besides those of earlier deployments. Raises `UserError`."""
        program.forget_modules(self.project.root)
        before = self.project
        read = load_project(before.root, before.stack, (*before.given, *given))
        return read.with_emulator_at(self.port)

    def plan(self, project: Project) -> Plan:
        """Compare a program with what is deployed. Raises `UserError` if it cannot be applied, and its exceptions."""
        plan = preview(project, self._state)
        plan.check()
        return plan

    def deploy(self, project: Project, done: Callable[[], None] = lambda: None) -> None:
        """Apply a program. Raises `ResourceFailed` and the program's exceptions."""
        self._outputs = deploy(project, self._aws, self._state, done)
        self.project = project

    def publish_outputs(self) -> None:
        """Write the outputs to the home."""
        self._home.write_outputs(self._outputs)

    def packed_files(self) -> set[str]:
        """The absolute paths of the files in the deployed archives."""
        values = [value for it in self._state.resources.values() for value in it.existing.inputs.values()]
        archives = [value.source.get("assets") or {} for value in values if isinstance(value, Content)]
        return {asset["path"] for assets in archives for asset in assets.values() if asset.get("path")}
