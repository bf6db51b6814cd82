"""The commands that talk to a running stack: `console`, `env`, `invoke`, `logs` and `replay`."""

import argparse
import json
import sys
import webbrowser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ops.emulator_client import CREDENTIALS, Aws
from ops.errors import UserError
from ops.home import Home
from ops.stack import region

from .control import ask
from .emulator_settings import DEBUG_SECONDS, OBSERVER
from .functions import Function, find_function
from .invoke import RequestOf, api_event, invoke, read_event
from .logs import described, show_logs
from .recorder.redaction import REDACTED


def talk(args: argparse.Namespace, root: Path) -> int:
    """Run a command of the project in `root`. Returns the exit code. Raises `UserError`."""
    home = Home(args.home)
    outputs = home.outputs()
    endpoint, scratch = f"http://localhost:{urlsplit(outputs['apiUrl']).port}", home.scratch
    # A function that is being debugged takes its time, and must not be called again.
    aws = Aws(endpoint, region(outputs) or "", timeout_seconds=DEBUG_SECONDS, attempts=1, user_agent=OBSERVER)
    if args.command == "env":
        show_environment(aws)
        return 0
    if args.command == "console":
        show_console(home, is_opened=args.open)
        return 0
    if args.command == "logs":
        show_logs(aws, args.function, args.order, follow=args.follow, root=root, scratch=scratch)
        return 0
    function, event = (_recorded if args.command == "replay" else _given)(args, aws, outputs)
    answer = invoke(aws, function, event)
    for text in described(answer.log, root, scratch):
        print(text, file=sys.stderr)
    if answer.error is not None:
        print(f"{function.module} failed: {answer.error.strip()}", file=sys.stderr)
        return 1
    print(json.dumps(answer.returned, indent=2, ensure_ascii=False))
    return 0


def _given(args: argparse.Namespace, aws: Aws, outputs: dict[str, Any]) -> tuple[Function, Any]:
    """The function that `invoke` names, and the event for it."""
    function = find_function(aws, args.function)
    if args.path is not None:
        method = args.method or ("GET" if args.body is None else "POST")
        return function, api_event(aws, outputs, function, RequestOf(args.user, method.upper(), args.path, args.body))
    if args.user or args.method or args.body is not None:
        raise UserError("--as, --method and --body belong to a request: name its --path, such as /orders")
    return function, read_event(args.event) if args.event else {}


def _recorded(args: argparse.Namespace, aws: Aws, outputs: dict[str, Any]) -> tuple[Function, Any]:
    """The function of the call that `replay` names, and its event."""
    found = ask(Home(args.home), {"request": "replay", "id": args.id})
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
