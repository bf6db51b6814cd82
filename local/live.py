"""Live reload: applies saved changes of the program during a local run."""

import time
from collections.abc import Collection, Iterator, Set
from pathlib import Path

from .check import imports, problem, syntax_errors
from .describe import describe
from .extension import listed
from .plan_text import lines, summary
from .project import Project
from .session import Session

SOURCES = (".py", ".yaml", ".yml", ".toml")
"""Suffixes of a program's code and settings."""


def reload(changed: Set[str], session: Session) -> Iterator[str]:
    """Publish saved files and apply the program. `changed` has paths relative to the project. Yields lines that say
    what was done, or why not."""
    root, extension = session.project.root, session.extension
    packed = {Path(path) for path in session.packed_files()}
    if not session.project.is_own and not any(_matters(root / path, packed, root) for path in changed):
        return  # such as what the program itself writes
    if published := {path for path in changed if extension.site and path.startswith(extension.site)}:
        yield extension.publish(published, session)
    if program := (changed - published) | {path for path in published if root / path in packed}:
        broken = [*syntax_errors(program, root)]
        yield from broken
        checked = (
            set() if broken or not extension.functions else {it for it in program if it.startswith(extension.functions)}
        )
        with imports(checked, root) as process:
            yield from _apply(program, session)
            if why := problem(process, root):
                yield f"{listed(checked)} cannot be imported:\n{why}"


def _apply(changed: Set[str], session: Session) -> Iterator[str]:
    """Evaluate the program and apply what differs, unless that would lose data."""
    began = time.monotonic()
    project = session.project
    try:
        project = session.reload()
        plan = session.plan(project)
        outputs = session.changed_outputs(plan)
        if not plan.changes and not outputs:
            yield f"{listed(changed)}: {summary(plan)}"
            return
        yield f"{listed(changed)}:"
        yield from lines(plan, outputs)
        if lost := session.losses(plan):
            what = f"run `{session.home.command('up')}` in another terminal to apply the change, or start a new run"
            yield f"nothing was changed: {' and '.join(lost.values())} would lose their data; {what}"
            return
        apply(session, project)
    except Exception as error:  # noqa: BLE001  the program's own errors, and AWS's
        yield f"{listed(changed)}: {describe(error, project)}\nsave again to retry"
    else:
        yield f"applied in {time.monotonic() - began:.1f} s"


def apply(session: Session, project: Project, losses: Collection[str] = ()) -> None:
    """Deploy a program, and fill what is new and empty. Raises what `Session.deploy` raises."""
    try:
        session.deploy(project, losses=losses)
    finally:
        session.publish_outputs()
    session.fill()


def _matters(path: Path, packed: Set[Path], root: Path) -> bool:
    """Whether a file of a program can change what it deploys: its code and settings, what it deploys itself, and files
    beside that."""
    beside = {it.parent for it in packed} - {root}
    return path.suffix in SOURCES or any(it in packed or it in beside for it in (path, *path.parents))
