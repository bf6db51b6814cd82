"""`python -m local`: the program on this machine."""

import argparse
import gc
import json
import os
import sys
import traceback
from pathlib import Path

import pulumi
from rich.console import Console

from ops.errors import UserError
from ops.home import Home

from .project import Project, load_project

ROOT = Path(__file__).parent.parent
WIDTH = 200


def main(arguments: list[str] | None = None) -> int:
    """Run a command. Returns 0; 1 when it failed; 2 for a wrong call; 130 when it was interrupted on the way."""
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
            preview(project)
            return 0
        return up(project, args)
    except (UserError, pulumi.RunError) as error:
        print(error, file=sys.stderr)
    except BrokenPipeError:
        # Whoever read our output has seen enough; the interpreter must not try to write the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:  # noqa: BLE001  whatever the program raised is the program's to explain
        print_own_traceback(error, project)
    return 1


def up(project: Project, args: argparse.Namespace) -> int:
    """Start; with `--detach` return when everything answers."""
    from .up import Interrupted, detach, up

    home = Home(args.home)
    try:
        (detach if args.detach else up)(project, home, args.port)
    except Interrupted:
        return 130
    return 0


def preview(project: Project) -> None:
    """Print the tree of what would be made."""
    from . import engine
    from .tree import tree

    project.config["local:offline"] = "true"
    plan = engine.preview(project)
    # A line a resource, however narrow the terminal: it is searched and compared more often than looked at.
    Console(width=WIDTH).print(tree(project, plan))


def output(home: Home, name: str | None, as_json: bool) -> None:
    """Print one output, or all."""
    outputs = home.outputs()
    if name is not None:
        if name not in outputs:
            raise UserError(f"there is no output {name!r}; there is {', '.join(sorted(outputs))}")
        print(json.dumps(outputs[name]) if as_json else outputs[name])
    elif as_json:
        print(json.dumps(outputs, indent=2))
    else:
        width = max(map(len, outputs))
        for key, value in sorted(outputs.items()):
            print(f"{key:{width}}  {value}")


def print_own_traceback(error: Exception, project: Project | None) -> None:
    """The program's traceback, from its first own line on, as Pulumi prints it."""
    frame = error.__traceback__
    while frame is not None and project is not None and frame.tb_frame.f_code.co_filename != str(project.program):
        frame = frame.tb_next
    traceback.print_exception(error.with_traceback(frame or error.__traceback__))


def port(text: str) -> int:
    """A port number."""
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; allowed is 1 to 65535")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m local", description="The program on this machine, without AWS.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    home = argparse.ArgumentParser(add_help=False)
    home.add_argument("--home", type=Path, default=ROOT / ".local", help="where pid, logs and outputs live (.local)")
    stack = argparse.ArgumentParser(add_help=False)
    stack.add_argument("--stack", default="local", help="the stack whose Pulumi.STACK.yaml is used (local)")
    stack.add_argument(
        "--config", action="append", default=[], metavar="KEY=VALUE", help="a setting over those of the stack's file"
    )

    up = commands.add_parser("up", parents=[home, stack], help="make everything, and stay until Ctrl-C")
    up.add_argument("--port", type=port, help="the emulator's port (a free one)")
    up.add_argument("--detach", action="store_true", help="return when everything answers")
    commands.add_parser("preview", parents=[stack], help="print the tree of what would be made")
    output = commands.add_parser("output", parents=[home], help="print the stack's outputs")
    output.add_argument("name", nargs="?", help="one output only")
    output.add_argument("--json", action="store_true", help="as JSON")
    commands.add_parser("down", parents=[home], help="end what runs")
    load = commands.add_parser("load", help="write sample orders")
    load.add_argument("count", metavar="N", help="how many: 1 to 1000000")
    where = load.add_mutually_exclusive_group()
    where.add_argument("--home", type=Path, default=ROOT / ".local", help="into what runs there (.local)")
    where.add_argument(
        "--outputs",
        metavar="FILE",
        help="into a stack on AWS, by what `pulumi stack output --json` prints; - is standard input",
    )
    return top


if __name__ == "__main__":
    # A command makes a lot and drops little of it before it ends: to look for garbage on the way, and when the process
    # ends, would take a third of a preview's time, in vain. What goes on for longer turns it on again.
    gc.disable()
    code = main()
    gc.freeze()
    sys.exit(code)
