"""The commands of `python -m local`."""

import argparse
import gc
import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console

from ops.errors import UserError
from ops.home import Home

from .errors import describe
from .project import Project, load_project

ROOT = Path(__file__).parent.parent
WIDTH = 200


def main(arguments: list[str] | None = None) -> int:
    """Run a command. Returns the exit code: 0 on success, 1 on failure, 2 for invalid arguments, 130 if interrupted."""
    args = parser().parse_args(arguments)
    project: Project | None = None
    try:
        if args.command == "output":
            output(Home(args.home), args.name, args.json)
            return 0
        if args.command == "down":
            from .up import down

            down(Home(args.home))
            return 0
        if args.command == "load":
            from .load import load

            gc.enable()  # a million orders take a while
            load(args.count, args.home, args.outputs)
            return 0
        project = load_project(ROOT, args.stack, args.config)
        if args.command == "preview":
            diff(args) if args.diff else preview(project)
            return 0
        if Home(args.home).is_running():
            return apply(args)
        return up(project, args)
    except (KeyboardInterrupt, EOFError):
        return 130
    except BrokenPipeError:
        # The reader closed the pipe: keep the interpreter from writing the rest at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:  # noqa: BLE001  the program's own error
        print(describe(error, project), file=sys.stderr)
    return 1


def up(project: Project, args: argparse.Namespace) -> int:
    """Start a local run; with `--detach`, return when it is ready."""
    from .up import Interrupted, detach, up

    home = Home(args.home)
    try:
        (detach if args.detach else up)(project, home, args.port)
    except Interrupted:
        return 130
    return 0


def diff(args: argparse.Namespace) -> dict[str, Any]:
    """Print how the program differs from what is deployed in a home; returns the answer of the run."""
    from .control import ask

    found = ask(Home(args.home), request("plan", args))
    print("\n".join(found["lines"]))
    return found


def apply(args: argparse.Namespace) -> int:
    """Apply the program to a running home, after confirmation."""
    from rich.prompt import Confirm

    from .control import ask

    found = diff(args)
    for resource in found["losses"]:
        print(f"{resource} will lose its data")
    if found["changes"] and not args.yes:
        if not sys.stdin.isatty():
            raise UserError("pass --yes to apply the changes without a prompt")
        if not Confirm.ask("Apply these changes?"):
            return 1
    # Also without changes: the run keeps the settings.
    ask(Home(args.home), request("apply", args, lines=found["lines"]))
    if found["changes"]:
        print("applied")
    return 0


def request(kind: str, args: argparse.Namespace, **more: Any) -> dict[str, Any]:
    """A request to a running `up`."""
    about = {"project": str(ROOT), "stack": args.stack, "port": getattr(args, "port", None)}
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
        width = max(map(len, outputs))
        for key, value in sorted(outputs.items()):
            print(f"{key:{width}}  {value}")


def port(text: str) -> int:
    """Parse a port number."""
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"expected a port from 1 to 65535, got {text!r}")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """The command-line parser."""
    top = argparse.ArgumentParser(prog="python -m local", description="Run the program on this machine, without AWS.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    home = argparse.ArgumentParser(add_help=False)
    home.add_argument(
        "--home", type=Path, default=ROOT / ".local", help="folder for the PID, logs and outputs (default: .local)"
    )
    stack = argparse.ArgumentParser(add_help=False)
    stack.add_argument("--stack", default="local", help="stack to run, with its Pulumi.STACK.yaml (default: local)")
    stack.add_argument(
        "--config", action="append", default=[], metavar="KEY=VALUE", help="override a setting of the stack file"
    )

    up = commands.add_parser(
        "up", parents=[home, stack], help="start a local run, until Ctrl-C, or apply the program to the run that exists"
    )
    up.add_argument("--port", type=port, help="port of the emulator (default: a free port)")
    up.add_argument("--detach", action="store_true", help="return when the run is ready")
    up.add_argument("--yes", action="store_true", help="apply changes to a run that exists without a prompt")
    preview = commands.add_parser(
        "preview", parents=[home, stack], help="print the resource tree without creating anything"
    )
    preview.add_argument("--diff", action="store_true", help="compare with what is deployed in --home instead")
    output = commands.add_parser("output", parents=[home], help="print the stack's outputs")
    output.add_argument("name", nargs="?", help="print only this output")
    output.add_argument("--json", action="store_true", help="print JSON")
    commands.add_parser("down", parents=[home], help="stop the local run")
    load = commands.add_parser("load", help="write sample orders")
    load.add_argument("count", metavar="N", help="number of orders: 1 to 1000000")
    where = load.add_mutually_exclusive_group()
    where.add_argument(
        "--home", type=Path, default=ROOT / ".local", help="load into the local run in this folder (default: .local)"
    )
    where.add_argument(
        "--outputs",
        metavar="FILE",
        help="load into the AWS stack with these outputs of `pulumi stack output --json` (- for standard input)",
    )
    return top


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
