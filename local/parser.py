"""The command line of `python -m local`."""

import argparse
from pathlib import Path

from .arguments import Parser
from .project import DEFAULT_STACK

HAS_CAFE = (Path(__file__).parent / "cafe").is_dir()
"""Whether this is the café's project. In other projects, this package runs their programs only."""

OWN = Path(__file__).parent.parent if HAS_CAFE else Path()
"""The folder of the program that runs by default."""


def port(text: str) -> int:
    """Parse a port number."""
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"expected a port from 1 to 65535, got {text!r}")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """The command-line parser."""
    top = Parser(prog=f"python -m {__package__}", description="Run a Pulumi program on this machine, without AWS.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    home = Parser(add_help=False)
    home.add_argument(
        "--home", type=Path, help="folder for the PID, logs and outputs (default: .local in the program's folder)"
    )
    home.add_argument(
        "--program",
        type=Path,
        metavar="DIR",
        help="folder of the Pulumi program in Python to run "
        f"(default: {'this project' if HAS_CAFE else 'the working directory'})",
    )
    stack = Parser(add_help=False)
    stack.add_argument(
        "--stack", default=DEFAULT_STACK, help="stack to run, with its Pulumi.STACK.yaml (default: local)"
    )
    stack.add_argument(
        "--config", action="append", default=[], metavar="KEY=VALUE", help="override a setting of the stack file"
    )

    up = commands.add_parser(
        "up", parents=[home, stack], help="start a local run, until Ctrl-C, or apply the program to the run that exists"
    )
    up.add_argument("--port", type=port, help="port of the emulator (default: a free port)")
    how = up.add_mutually_exclusive_group()
    how.add_argument("--debug", metavar="FUNCTION", help="let the calls of this function wait for a debugger")
    how.add_argument("--detach", action="store_true", help="return when the run is ready")
    up.add_argument("--keep", action="store_true", help="keep data, users and keys for the next `up --keep`")
    up.add_argument("--record", type=Path, metavar="FILE", help="write all that happens to a file, without secrets")
    up.add_argument("--yes", action="store_true", help="apply changes to a run that exists without a prompt")
    preview = commands.add_parser(
        "preview", parents=[home, stack], help="print the resource tree without creating anything"
    )
    preview.add_argument("--diff", action="store_true", help="compare with what is deployed in --home instead")
    output = commands.add_parser("output", parents=[home], help="print the stack's outputs")
    output.add_argument("name", nargs="?", help="print only this output")
    output.add_argument("--json", action="store_true", help="print JSON")
    commands.add_parser("down", parents=[home], help="stop the local run")
    commands.add_parser("env", parents=[home], help="print the variables with which the AWS CLI reaches the local run")
    logs = commands.add_parser("logs", parents=[home], help="print the log lines of functions")
    logs.add_argument("function", nargs="?", metavar="FUNCTION", help="module of the handler (default: all)")
    logs.add_argument("--follow", action="store_true", help="go on with new lines, until Ctrl-C")
    if HAS_CAFE:
        logs.add_argument("--order", metavar="ID", help="only the calls that name this order")
    invoke = commands.add_parser("invoke", parents=[home], help="call a function")
    invoke.add_argument("function", metavar="FUNCTION", help="module of the handler")
    what = invoke.add_mutually_exclusive_group()
    what.add_argument("--event", metavar="FILE", help="JSON file with the event (default: an empty event)")
    if HAS_CAFE:
        what.add_argument("--path", help="path of a request to the API, with its query")
        invoke.add_argument("--as", dest="user", metavar="USER", help="user who sends the request: ann, bob or sam")
        invoke.add_argument("--method", help="method of the request (default: GET, or POST with --body)")
        invoke.add_argument("--body", help="body of the request")
    replay = commands.add_parser(
        "replay", parents=[home], help="send the event of a recorded call to its function again"
    )
    replay.add_argument("id", metavar="ID", help="request ID, as `up` and the console show it")
    console = commands.add_parser("console", parents=[home], help="print the address of a page that shows what happens")
    console.add_argument("--open", action="store_true", help="open it in a browser")
    if HAS_CAFE:
        _add_load(commands)
    return top


def _add_load(commands: "argparse._SubParsersAction[Parser]") -> None:
    load = commands.add_parser("load", help="write sample orders")
    load.add_argument("count", metavar="N", help="number of orders: 1 to 1000000")
    where = load.add_mutually_exclusive_group()
    where.add_argument(
        "--home", type=Path, default=OWN / ".local", help="load into the local run in this folder (default: .local)"
    )
    where.add_argument(
        "--outputs",
        metavar="FILE",
        help="load into the AWS stack with these outputs of `pulumi stack output --json` (- for standard input)",
    )
