"""A running stack: what is deployed, and how it follows the program."""

import json
from collections.abc import Callable, Collection, Sequence
from typing import Any

from . import program
from .changes import Operation, changed_properties
from .deployment import Deployment
from .emulator_client import Aws
from .engine import Plan, Step, preview
from .errors import UserError
from .extension import Extension
from .home import Home
from .project import Project, load_project
from .resources import PROVIDERS
from .state import State
from .values import Content


class Session:
    """The stack that runs in a home. Changed by one thread at a time."""

    def __init__(
        self, project: Project, home: Home, port: int, state: State | None = None, extension: Extension | None = None
    ) -> None:
        """`state` is what an earlier run has deployed. `extension` is what the project adds (default: nothing)."""
        self.extension = extension or Extension()
        self.project = project
        self.port = port
        self.home = home
        self.aws = Aws(f"http://localhost:{port}", project.region)
        self.state = state or State()
        self._outputs: dict[str, Any] = {}
        self.unfilled = True
        """Whether resources that hold data are new, and may be empty."""

    @property
    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        return self._outputs

    def reload(self, given: Sequence[str] = ()) -> Project:
        """Read the project file, the stack file and the program's modules anew, with `given` settings (`KEY=VALUE`)
        besides those of earlier deployments. Raises `UserError`."""
        program.forget_modules(self.project.root)
        before = self.project
        read = load_project(before.root, before.stack, (*before.given, *given), is_own=before.is_own)
        read = read.with_emulator_at(self.port)
        if (read.name, read.region) != (before.name, before.region):
            raise UserError(
                f"the run has the project {before.name!r} in {before.region}, not {read.name!r} in {read.region}: stop "
                "it and start a new one"
            )
        return read

    def plan(self, project: Project) -> Plan:
        """Compare a program with what is deployed. Raises `UserError` if it cannot be applied, and its exceptions."""
        plan = preview(project, self.state)
        plan.check()
        for name, value in plan.outputs.items():
            try:
                json.dumps(value)
            except (TypeError, ValueError) as error:
                raise UserError(f"the output {name} cannot be written as JSON: {error}") from None
        return plan

    def fill(self) -> None:
        """Put the first data into what is new."""
        if self.unfilled:
            self.extension.fill(self)
            self.unfilled = False

    def changed_outputs(self, plan: Plan) -> dict[str, str]:
        """The outputs that a plan adds (`+`), changes (`~`) or removes (`-`), as far as they are known."""
        unknown = {name for name, value in plan.outputs.items() if value is None}
        old, new = ({k: v for k, v in it.items() if k not in unknown} for it in (self._outputs, plan.outputs))
        return changed_properties(old, new)

    def deploy(
        self, project: Project, done: Callable[[], None] = lambda: None, losses: Collection[str] | None = None
    ) -> None:
        """Apply a program. `losses` are the URNs of the resources that may lose their data (default: all). Raises
        `ResourceFailed` and the program's exceptions."""
        deployment = Deployment(self.aws, self.state, done, losses)
        holding = self._holding_data()
        try:
            self._outputs = deployment.run(project)
            self.project = project
        finally:
            self.unfilled = self.unfilled or self._holding_data() != holding
        deployment.delete_leftovers()

    def _holding_data(self) -> set[str]:
        """The IDs of the resources that hold data."""
        return {it.existing.id for it in self.state.resources.values() if PROVIDERS[it.type].holds_data}

    def losses(self, plan: Plan) -> dict[str, str]:
        """The resources that a plan replaces or deletes, with what users have stored in them: type and name, by URN."""
        return {
            step.resource.urn: f"{step.resource.type} {step.resource.name}"
            for step in plan.changes
            if self._loses_data(step)
        }

    def _loses_data(self, step: Step) -> bool:
        provider = PROVIDERS[step.resource.type]
        current = self.state.resources.get(step.resource.urn)
        if not provider.holds_data or current is None or current.retain:
            return False
        if step.change.operation is Operation.DELETE:
            return provider.has_data(self.aws, current.existing)
        return step.change.operation is Operation.REPLACE

    def publish_outputs(self) -> None:
        """Write the outputs to the home."""
        self.home.write_outputs(self._outputs)

    def packed_files(self) -> set[str]:
        """The absolute paths of the files in the deployed archives, and of archives that are folders."""
        values = [value for it in self.state.resources.values() for value in it.existing.inputs.values()]
        contents = [value.source for value in values if isinstance(value, Content)]
        members = [asset for source in contents for asset in (source.get("assets") or {}).values()]
        return {str(source["path"]) for source in [*contents, *members] if source.get("path")}
