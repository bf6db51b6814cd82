"""The commands."""

import argparse
import gc
import json
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from rich.console import Console

from .describe import describe
from .errors import UserError
from .extension import Extension
from .home import Home
from .parser import HAS_CAFE, OWN, parser
from .project import Project, load_project

WIDTH = 200


def main(arguments: list[str] | None = None) -> int:
    """Run a command. Returns the exit code: 0 on success, 1 on failure, 2 for invalid arguments, 130 if interrupted."""
    args = parser().parse_args(arguments)
    project: Project | None = None
    try:
        if args.command == "load":
            from .cafe.load import load

            gc.enable()  # a million orders take a while
            load(args.count, args.home, args.outputs)
            return 0
        where = Place.of(args)
        if args.command == "output":
            output(where.home, args.name, args.json)
            return 0
        if args.command == "down":
            from .up import down

            down(where.home)
            return 0
        if args.command in ("console", "env", "invoke", "logs", "replay"):
            from .talk import talk

            return talk(args, where.root, where.home)
        project = load_project(where.root, args.stack, args.config, is_own=where.is_own)
        if args.command == "preview":
            diff(args, where) if args.diff else preview(project)
            return 0
        if where.home.is_running():
            if args.debug or args.keep or args.record:
                raise UserError(where.home.already_running())
            return apply(args, where)
        return up(project, args, where)
    except (KeyboardInterrupt, EOFError):
        return 130
    except BrokenPipeError:
        # The reader closed the pipe: keep the interpreter from writing the rest at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:  # noqa: BLE001  the program's own error
        print(describe(error, project), file=sys.stderr)
    return 1


class Place(NamedTuple):
    """A program's folder, and the folder of its local run."""

    root: Path
    home: Home
    is_own: bool

    @staticmethod
    def of(args: argparse.Namespace) -> "Place":
        """The place that the arguments name. Raises `UserError`."""
        is_own = HAS_CAFE and args.program is None
        root = (OWN if args.program is None else args.program).resolve()
        if not is_own and not (root / "Pulumi.yaml").is_file():
            raise UserError(f"{root} has no Pulumi.yaml: --program names the folder of a Pulumi program")
        return Place(root, Home(args.home or root / ".local", None if is_own else root), is_own)


def up(project: Project, args: argparse.Namespace, where: Place) -> int:
    """Start a local run; with `--detach`, return when it is ready."""
    from .up import Interrupted, Options, detach, up

    options = Options(args.port, args.debug, args.keep, args.record, _extension(where))
    try:
        (detach if args.detach else up)(project, where.home, options)
    except Interrupted:
        return 130
    return 0


def _extension(where: Place) -> Extension:
    """What the project adds to its local run."""
    if not where.is_own:
        return Extension()
    from .cafe.run import Cafe

    return Cafe()


def diff(args: argparse.Namespace, where: Place) -> dict[str, Any]:
    """Print how the program differs from what is deployed in a home; returns the answer of the run."""
    from .control import ask

    found = ask(where.home, request("plan", args, where))
    print("\n".join(found["lines"]))
    return found


def apply(args: argparse.Namespace, where: Place) -> int:
    """Apply the program to a running home, after confirmation."""
    from rich.prompt import Confirm

    from .control import ask

    found = diff(args, where)
    for resource in found["losses"]:
        print(f"{resource} will lose its data")
    if found["changes"] and not args.yes:
        if not sys.stdin.isatty():
            raise UserError("pass --yes to apply the changes without a prompt")
        if not Confirm.ask("Apply these changes?"):
            return 1
    # Also without changes: the run keeps the settings.
    ask(where.home, request("apply", args, where, lines=found["lines"]))
    if found["changes"]:
        print("applied")
    return 0


def request(kind: str, args: argparse.Namespace, where: Place, **more: Any) -> dict[str, Any]:
    """A request to a running `up`."""
    about = {"project": str(where.root), "stack": args.stack, "port": getattr(args, "port", None)}
    return {"request": kind, "given": args.config, **about, **more}


def preview(project: Project) -> None:
    """Print the resource tree without creating anything."""
    from . import engine
    from .tree import tree

    project.config["local:offline"] = "true"
    plan = engine.preview(project)
    # One line per resource, even on a narrow terminal, for grep and diff.
    Console(width=WIDTH).print(tree(project, plan))


def output(home: Home, name: str | None, as_json: bool) -> None:
    """Print one stack output, or all."""
    outputs = home.outputs()
    if name is not None:
        if name not in outputs:
            raise UserError(f"unknown output {name!r}; available: {', '.join(sorted(outputs))}")
        print(json.dumps(outputs[name]) if as_json else outputs[name])
    elif as_json:
        print(json.dumps(outputs, indent=2))
    else:
        width = max(map(len, outputs), default=0)
        for key, value in sorted(outputs.items()):
            print(f"{key:{width}}  {value}")


def run() -> NoReturn:
    """Run the command on the command line, and exit."""
    # Most commands are short and free little memory: garbage collection, including the one at exit, would take a third
    # of a preview's time for nothing. Long-running commands enable it again.
    gc.disable()
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of the program must not keep the process alive.
    os._exit(code)
