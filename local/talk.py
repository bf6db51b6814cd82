"""The commands that talk to a running stack: `console`, `env`, `invoke`, `logs` and `replay`."""

import argparse
import json
import sys
import webbrowser
from pathlib import Path
from typing import Any

from .control import ask
from .emulator_client import CREDENTIALS, Aws
from .emulator_settings import DEBUG_SECONDS, OBSERVER
from .errors import UserError
from .functions import Function, find_function
from .home import Home
from .invoke import invoke, read_event
from .logs import described, show_logs
from .parser import HAS_CAFE
from .recorder.redaction import REDACTED


def talk(args: argparse.Namespace, root: Path, home: Home) -> int:
    """Run a command of the project in `root`. Returns the exit code. Raises `UserError`."""
    control, scratch = home.control(), home.scratch
    # A function that is being debugged takes its time, and must not be called again.
    aws = Aws(control["endpoint"], control["region"], timeout_seconds=DEBUG_SECONDS, attempts=1, user_agent=OBSERVER)
    if args.command == "env":
        show_environment(aws)
        return 0
    if args.command == "console":
        show_console(home, is_opened=args.open)
        return 0
    if args.command == "logs":
        show_logs(aws, args.function, getattr(args, "order", None), follow=args.follow, root=root, scratch=scratch)
        return 0
    function, event = _recorded(args.id, aws, home) if args.command == "replay" else _given(args, aws, home)
    answer = invoke(aws, function, event)
    for text in described(answer.log, root, scratch):
        print(text, file=sys.stderr)
    if answer.error is not None:
        print(f"{function.module} failed: {answer.error.strip()}", file=sys.stderr)
        return 1
    print(json.dumps(answer.returned, indent=2, ensure_ascii=False))
    return 0


def _given(args: argparse.Namespace, aws: Aws, home: Home) -> tuple[Function, Any]:
    """The function that `invoke` names, and the event for it."""
    function = find_function(aws, args.function)
    if HAS_CAFE and args.program is None:
        from .cafe.requests import api_event, request_of

        if request := request_of(args):
            return function, api_event(aws, home.outputs(), function, request)
    return function, read_event(args.event) if args.event else {}


def _recorded(id_: str, aws: Aws, home: Home) -> tuple[Function, Any]:
    """The function of the call that `replay` names, and its event."""
    found = ask(home, {"request": "replay", "id": id_})
    if found["lost"]:
        places = "1 place" if found["lost"] == 1 else f"{found['lost']} places"
        print(f"secrets are not recorded: the event has {REDACTED} in {places}", file=sys.stderr)
    return find_function(aws, found["function"]), found["event"]


def show_console(home: Home, *, is_opened: bool) -> None:
    """Print the address of the console, and open it in a browser if wanted. Raises `UserError`."""
    address = ask(home, {"request": "console"})["address"]
    print(address)
    if is_opened and not webbrowser.open(address):
        raise UserError("no browser was found: open the address yourself")


def show_environment(aws: Aws) -> None:
    """Print what a shell evaluates so that the AWS CLI and SDKs reach the local run."""
    settings = {
        "AWS_ACCESS_KEY_ID": CREDENTIALS[0],
        "AWS_DEFAULT_REGION": aws.region,
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_REGION": aws.region,
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS[1],
    }
    # A profile, or a session's token, would come before them.
    print("unset AWS_PROFILE AWS_SESSION_TOKEN")
    for name, value in settings.items():
        print(f"export {name}={value}")
