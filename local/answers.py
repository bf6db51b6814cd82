"""What a running `up` answers to other processes."""

from typing import Any

from .describe import describe
from .errors import UserError
from .live import apply
from .plan_text import lines
from .session import Session


def answer(content: dict[str, Any], session: Session) -> dict[str, Any]:
    """The answer to a request: `{lines, changes, losses}` to `plan`, `{}` to `apply`, or `{error}`."""
    project = session.project
    try:
        _check(content, session)
        project = session.reload(content["given"])
        plan = session.plan(project)
        outputs, losses = session.changed_outputs(plan), session.losses(plan)
        shown = [*lines(plan, outputs)]
        if content["request"] == "plan":
            changes = len(plan.changes) + len(outputs)
            return {"lines": shown, "changes": changes, "losses": [*losses.values()]}
        if shown != content["lines"]:
            raise UserError("the program has changed meanwhile, and nothing was applied: run `up` again")
        apply(session, project, losses.keys())
    except Exception as error:  # noqa: BLE001  the program's own errors, and AWS's
        return {"error": describe(error, project)}
    return {}


def _check(content: dict[str, Any], session: Session) -> None:
    """Raise `UserError` for a request that is about another project, stack or port."""
    for name, own in {
        "project": str(session.project.root),
        "stack": session.project.stack,
        "port": session.port,
    }.items():
        if content[name] not in (None, own):
            raise UserError(f"the run has the {name} {own!r}, not {content[name]!r}; use another --home")
