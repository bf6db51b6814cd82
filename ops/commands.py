"""The commands of `python -m ops`: show, redrive and discard dead letters, verify the invoice ledger, release new
function versions, and estimate the cost of a stack."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local.arguments import Parser
from local.errors import UserError
from local.text import short
from ops.cost import show_cost
from ops.dead_letters import DeadLetter, dead_letters
from ops.discard import discard
from ops.interrupts import interruptible
from ops.queues import OUTPUTS, Queue, count_hidden, find_queues
from ops.redrive import Outcome, redrive
from ops.stack import Stack, find_stack
from ops.verify import verify_ledger

ROOT = Path(__file__).parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run a command. Returns the exit code: 0 on success; 1 on failure, or if a message remains in its queue, the
    ledger is invalid or a version was not released; 2 for invalid arguments; 130 if interrupted."""
    args = parser().parse_args(arguments)
    try:
        if args.command == "cost":
            show_cost(args.stack, args.orders, as_json=args.json)
            return 0
        with explained("the stack"):
            stack = find_stack(args.home, args.outputs)
        if args.command == "verify":
            with explained("the ledger"):
                return 0 if verify_ledger(stack, args.user) else 1
        if args.command == "release":
            # Here, because it loads Pulumi: half a second that the other commands do without.
            from ops.release import release

            with explained("the release"):
                return 0 if release(stack, at_once=args.at_once, wait=args.wait) else 1
        queues, notes = find_queues(stack, getattr(args, "queues", []))
        for note in notes:
            print(note, file=sys.stderr)
        if args.command == "dead-letters":
            show(stack, queues, as_json=args.json)
            return 0
        if args.command == "discard":
            with explained(args.queues[0]):
                number = discard(stack, queues[0], args.ids, args.record)
            print(f"{queues[0].name}: {counted(number)} discarded, recorded in {args.record}")
            return 0
        remaining = [queue.name for queue in queues if not send_back(stack, queue)]
        return 1 if remaining else 0
    except UserError as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader closed the pipe: keep the interpreter from writing the rest at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def show(stack: Stack, queues: list[Queue], *, as_json: bool) -> None:
    """Print the messages in each queue. Raises `UserError`."""
    everything = {}
    for queue in queues:
        with explained(queue.name):
            hidden = count_hidden(stack.client("sqs"), queue.url)
            letters = dead_letters(stack, queue)
        everything[queue.name] = [letter._asdict() for letter in letters]
        if not as_json:
            print(f"{queue.name}: {counted(len(letters)) if letters else 'empty'}{hidden_note(hidden)}")
            for letter in letters:
                print(described(letter, queue))
    if as_json:
        print(json.dumps(everything, indent=2))


def described(letter: DeadLetter, queue: Queue) -> str:
    """A message in three lines, not wrapped, for grep."""
    unknown = f"no reason in the log of {queue.function}: the function was terminated, or the line is too old"
    return (
        f"  {letter.id}  sent {letter.sent}  received {letter.receives} times\n"
        f"    about: {letter.about}\n"
        f"    why: {letter.why or unknown}"
    )


def send_back(stack: Stack, queue: Queue) -> bool:
    """Send back a queue's messages and print the results. Returns whether none remains. Raises `UserError`."""
    outcomes: list[Outcome] = []
    with explained(queue.name):
        hidden = count_hidden(stack.client("sqs"), queue.url)
        try:
            redrive(stack, queue, outcomes.append)
        finally:
            # Also after an interrupt: report what was sent back.
            if outcomes:
                print_outcomes(queue, outcomes)
    if not outcomes or hidden:
        print(f"{queue.name}: {'' if outcomes else 'empty'}{hidden_note(hidden)}")
    return not any(outcome.problem for outcome in outcomes)


def print_outcomes(queue: Queue, outcomes: list[Outcome]) -> None:
    """Print how many messages were sent back, and why the others remain."""
    remaining = [outcome for outcome in outcomes if outcome.problem]
    print(f"{queue.name}: {sum(outcome.sent for outcome in outcomes)} sent back, {len(remaining)} remaining")
    for outcome in remaining:
        print(f"  {outcome.id}: {outcome.problem}")


def counted(number: int) -> str:
    """The number with its unit: `1 message`, `2 messages`."""
    return f"{number} message{'s' if number != 1 else ''}"


def hidden_note(number: int) -> str:
    """A note about messages that another reader has hidden, if any."""
    return f" (and about {counted(number)} hidden for up to 5 minutes by another reader)" if number else ""


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Convert boto3's errors to a one-line `UserError` that starts with `what`."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise UserError(f"{what}: {short(error)}") from error


def positive(text: str) -> int:
    """Parse a positive integer."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a positive number of orders, got {text!r}")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """The command-line parser."""
    where = Parser(add_help=False)
    stack = where.add_mutually_exclusive_group()
    stack.add_argument(
        "--home", type=Path, default=ROOT / ".local", help="use the local run in this folder (default: .local)"
    )
    stack.add_argument(
        "--outputs",
        metavar="FILE",
        help="use the AWS stack with these outputs of `pulumi stack output --json` (- for standard input)",
    )
    top = Parser(prog="python -m ops", description="Dead letters, the invoice ledger, releases, and costs.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    look = commands.add_parser("dead-letters", parents=[where], help="show dead letters and why they failed")
    look.add_argument("--json", action="store_true", help="print JSON: a list for each queue")
    back = commands.add_parser("redrive", parents=[where], help="send dead letters back")
    back.add_argument("queues", nargs="*", metavar="QUEUE", help=f"{', '.join(OUTPUTS)} (default: all)")
    drop = commands.add_parser("discard", parents=[where], help="delete dead letters, and record them")
    drop.add_argument("queues", nargs=1, metavar="QUEUE", help=", ".join(OUTPUTS))
    drop.add_argument("ids", nargs="+", metavar="ID", help="a message's ID, as `dead-letters` shows it")
    drop.add_argument(
        "--record", type=Path, default=Path("discarded.jsonl"), help="file to append them to (default: discarded.jsonl)"
    )
    check = commands.add_parser("verify", parents=[where], help="check that the invoice ledger is unchanged")
    check.add_argument("user", nargs="?", metavar="USER", help="a payee's user name (default: all payees)")
    go = commands.add_parser("release", parents=[where], help="shift traffic to new function versions")
    go.add_argument("--at-once", action="store_true", help="shift all traffic immediately, regardless of alarms")
    go.add_argument(
        "--wait", action=argparse.BooleanOptionalAction, default=True, help="wait until the deployments end (default)"
    )
    cost = commands.add_parser("cost", help="estimate what a stack costs, with the calculation")
    cost.add_argument("--stack", default="prod", help="stack to price, with its Pulumi.STACK.yaml (default: prod)")
    cost.add_argument(
        "--orders", type=positive, default=1_000_000, metavar="N", help="number of orders (default: 1000000)"
    )
    cost.add_argument("--json", action="store_true", help="print JSON")
    return top


def run() -> None:
    """Run the command on the command line, and exit."""
    interruptible()
    sys.exit(main())
