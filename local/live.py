"""Live reload: publishes saved site files, and applies saved changes of the program, during a local run."""

import time
from collections.abc import Collection, Iterator, Set

from botocore.exceptions import BotoCoreError, ClientError

from ops.errors import UserError
from ops.publish import publish
from ops.text import short

from .check import imports, problem, syntax_errors
from .errors import describe
from .plan_text import lines, summary
from .project import Project
from .seed import fill
from .session import Session

SITE = "site/public/"
FUNCTIONS = "lambdas/"


def reload(changed: Set[str], session: Session) -> Iterator[str]:
    """Publish saved site files and apply the program. `changed` has paths relative to the project. Yields lines that
    say what was done, or why not."""
    if site := {path for path in changed if path.startswith(SITE)}:
        yield _publish(site, session)
    root = session.project.root
    if program := (changed - site) | {path for path in site if str(root / path) in session.packed_files()}:
        broken = [*syntax_errors(program, root)]
        yield from broken
        functions = set() if broken else {path for path in program if path.startswith(FUNCTIONS)}
        with imports(functions, root) as process:
            yield from _apply(program, session)
            if why := problem(process, root):
                yield f"{_listed(functions)} cannot be imported:\n{why}"


def _publish(changed: Set[str], session: Session) -> str:
    began = time.monotonic()
    try:
        publish(session.stack)
    except (BotoCoreError, ClientError, UserError, OSError) as error:
        return f"{_listed(changed)}: could not update the site: {short(error)}; save again to retry"
    return f"{_listed(changed)}: updated the site in {time.monotonic() - began:.1f} s"


def _apply(changed: Set[str], session: Session) -> Iterator[str]:
    """Evaluate the program and apply what differs, unless that would lose data."""
    began = time.monotonic()
    project = session.project
    try:
        project = session.reload()
        plan = session.plan(project)
        outputs = session.changed_outputs(plan)
        if not plan.changes and not outputs:
            yield f"{_listed(changed)}: {summary(plan)}"
            return
        yield f"{_listed(changed)}:"
        yield from lines(plan, outputs)
        if lost := session.losses(plan):
            what = f"run `{session.home.command('up')}` in another terminal to apply the change, or start a new run"
            yield f"nothing was changed: {' and '.join(lost.values())} would lose their data; {what}"
            return
        apply(session, project)
    except Exception as error:  # noqa: BLE001  the program's own errors, and AWS's
        yield f"{_listed(changed)}: {describe(error, project)}\nsave again to retry"
    else:
        yield f"applied in {time.monotonic() - began:.1f} s"


def apply(session: Session, project: Project, losses: Collection[str] = ()) -> None:
    """Deploy a program, and fill what is new and empty. Raises what `Session.deploy` raises."""
    try:
        session.deploy(project, losses=losses)
    finally:
        session.publish_outputs()
    if session.unfilled:
        fill(session)


def _listed(paths: Set[str]) -> str:
    """The first path and the number of others."""
    first, *others = sorted(paths)
    return short(first) + (f" and {len(others)} more" if others else "")
