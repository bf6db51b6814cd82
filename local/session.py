"""A running stack: what is deployed, and how it follows the program."""

from collections.abc import Callable, Sequence
from typing import Any

from ops.emulator_client import Aws
from ops.home import Home
from ops.stack import Stack

from . import program
from .changes import Operation
from .deployment import Deployment
from .engine import Plan, Step, preview
from .project import Project, load_project
from .resources import PROVIDERS
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
        deployment = Deployment(self._aws, self._state, done)
        self._outputs = deployment.run(project)
        self.project = project
        deployment.delete_leftovers()

    def losses(self, plan: Plan) -> list[str]:
        """The resources that a plan replaces or deletes, with what users have stored in them."""
        return [f"{step.resource.type} {step.resource.name}" for step in plan.changes if self._loses_data(step)]

    def _loses_data(self, step: Step) -> bool:
        provider = PROVIDERS[step.resource.type]
        current = self._state.resources.get(step.resource.urn)
        if not provider.holds_data or current is None or current.retain:
            return False
        if step.change.operation is Operation.DELETE:
            return provider.has_data(self._aws, current.existing)
        return step.change.operation is Operation.REPLACE

    def publish_outputs(self) -> None:
        """Write the outputs to the home."""
        self._home.write_outputs(self._outputs)

    def packed_files(self) -> set[str]:
        """The absolute paths of the files in the deployed archives."""
        values = [value for it in self._state.resources.values() for value in it.existing.inputs.values()]
        archives = [value.source.get("assets") or {} for value in values if isinstance(value, Content)]
        return {asset["path"] for assets in archives for asset in assets.values() if asset.get("path")}
