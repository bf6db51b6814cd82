"""The commands that talk to a running stack: `env`, `logs` and `invoke`."""

import argparse
import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

from ops.emulator_client import CREDENTIALS, Aws
from ops.errors import UserError
from ops.home import Home
from ops.stack import region

from .emulator import DEBUG_SECONDS
from .functions import find_function
from .invoke import RequestOf, api_event, invoke, read_event
from .logs import described, show_logs


def talk(args: argparse.Namespace, root: Path) -> int:
    """Run a command of the project in `root`. Returns the exit code. Raises `UserError`."""
    home = Home(args.home)
    outputs = home.outputs()
    endpoint, scratch = f"http://localhost:{urlsplit(outputs['apiUrl']).port}", home.scratch
    # A function that is being debugged takes its time, and must not be called again.
    aws = Aws(endpoint, region(outputs) or "", timeout_seconds=DEBUG_SECONDS, attempts=1)
    if args.command == "env":
        show_environment(aws)
        return 0
    if args.command == "logs":
        show_logs(aws, args.function, args.order, follow=args.follow, root=root, scratch=scratch)
        return 0
    function, event = find_function(aws, args.function), {}
    if args.path is not None:
        method = args.method or ("GET" if args.body is None else "POST")
        event = api_event(aws, outputs, function, RequestOf(args.user, method.upper(), args.path, args.body))
    elif args.user or args.method or args.body is not None:
        raise UserError("--as, --method and --body belong to a request: name its --path, such as /orders")
    elif args.event:
        event = read_event(args.event)
    answer = invoke(aws, function, event)
    for text in described(answer.log, root, scratch):
        print(text, file=sys.stderr)
    if answer.error is not None:
        print(f"{function.module} failed: {answer.error.strip()}", file=sys.stderr)
        return 1
    print(json.dumps(answer.returned, indent=2, ensure_ascii=False))
    return 0


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
