"""`python -m ops`: look at what the pipeline has set aside, send it back, verify the invoices' ledger, release new
versions of the functions, and say what a stack costs."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from ops.cost import show_cost
from ops.dead_letters import DeadLetter, dead_letters
from ops.errors import UserError
from ops.interrupts import interruptible
from ops.queues import OUTPUTS, Queue, count_hidden, find_queues
from ops.redrive import Outcome, redrive
from ops.release import release
from ops.stack import Stack, find_stack
from ops.text import short
from ops.verify import verify_ledger

ROOT = Path(__file__).parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run a command. Returns 0; 1 when it failed, a message stayed, the ledger does not fit or a version was not
    released; 2 for a wrong call; 130 when interrupted."""
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
            with explained("the release"):
                return 0 if release(stack, at_once=args.at_once, wait=args.wait) else 1
        queues, notes = find_queues(stack, getattr(args, "queues", []))
        for note in notes:
            print(note, file=sys.stderr)
        if args.command == "dead-letters":
            show(stack, queues, as_json=args.json)
            return 0
        stayed = [queue.name for queue in queues if not send_back(stack, queue)]
        return 1 if stayed else 0
    except UserError as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough; the interpreter must not try to write the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def show(stack: Stack, queues: list[Queue], *, as_json: bool) -> None:
    """Print what each queue holds. Raises `UserError`."""
    everything = {}
    for queue in queues:
        with explained(queue.name):
            hidden = count_hidden(stack.client("sqs"), queue.url)
            letters = dead_letters(stack, queue)
        everything[queue.name] = [letter._asdict() for letter in letters]
        if not as_json:
            print(f"{queue.name}: {counted(len(letters)) if letters else 'empty'}{told_hidden(hidden)}")
            for letter in letters:
                print(described(letter, queue))
    if as_json:
        print(json.dumps(everything, indent=2))


def described(letter: DeadLetter, queue: Queue) -> str:
    """A message in three lines, as wide as they are: they are searched more often than looked at."""
    unknown = f"the log of {queue.function} does not say; the function was ended, or the line is too old"
    return (
        f"  {letter.id}  sent {letter.sent}  received {letter.receives} times\n"
        f"    about: {letter.about}\n"
        f"    why: {letter.why or unknown}"
    )


def send_back(stack: Stack, queue: Queue) -> bool:
    """Send back what a queue holds and print what became of it; whether nothing stayed. Raises `UserError`."""
    outcomes: list[Outcome] = []
    with explained(queue.name):
        hidden = count_hidden(stack.client("sqs"), queue.url)
        try:
            redrive(stack, queue, outcomes.append)
        finally:
            # Also when it was interrupted: what has been done is done.
            if outcomes:
                print_outcomes(queue, outcomes)
    if not outcomes or hidden:
        print(f"{queue.name}: {'' if outcomes else 'empty'}{told_hidden(hidden)}")
    return not any(outcome.problem for outcome in outcomes)


def print_outcomes(queue: Queue, outcomes: list[Outcome]) -> None:
    """How many messages were sent back, and why the others were not."""
    stayed = [outcome for outcome in outcomes if outcome.problem]
    print(f"{queue.name}: {sum(outcome.sent for outcome in outcomes)} sent back, {len(stayed)} stayed")
    for outcome in stayed:
        print(f"  {outcome.id}: {outcome.problem}")


def counted(number: int) -> str:
    """A number of messages."""
    return f"{number} message{'s' if number != 1 else ''}"


def told_hidden(number: int) -> str:
    """A word about messages that nobody sees who did not hide them."""
    return f" (and about {counted(number)} hidden for up to 5 minutes, by somebody who looks at them)" if number else ""


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Make what boto3 raises a `UserError` of one line that begins with what it is about."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise UserError(f"{what}: {short(error)}") from error


def positive(text: str) -> int:
    """A whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number of orders from 1, got {text!r}")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    where = argparse.ArgumentParser(add_help=False)
    stack = where.add_mutually_exclusive_group()
    stack.add_argument("--home", type=Path, default=ROOT / ".local", help="of what runs there (.local)")
    stack.add_argument(
        "--outputs",
        metavar="FILE",
        help="of a stack on AWS, by what `pulumi stack output --json` prints; - is standard input",
    )
    top = argparse.ArgumentParser(
        prog="python -m ops", description="What was set aside, the ledger, releases, and the cost."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    look = commands.add_parser("dead-letters", parents=[where], help="show it, and why")
    look.add_argument("--json", action="store_true", help="as JSON: a list for each queue")
    back = commands.add_parser("redrive", parents=[where], help="send it back")
    back.add_argument("queues", nargs="*", metavar="QUEUE", help=f"{', '.join(OUTPUTS)}; all, if none is named")
    check = commands.add_parser("verify", parents=[where], help="see whether the invoices' ledger is unchanged")
    check.add_argument("user", nargs="?", metavar="USER", help="a payee's user name; everybody, if none is given")
    go = commands.add_parser("release", parents=[where], help="move calls to new versions of the functions")
    go.add_argument("--at-once", action="store_true", help="all of them now, whatever the alarms say")
    go.add_argument(
        "--wait", action=argparse.BooleanOptionalAction, default=True, help="return when it has ended (the default)"
    )
    cost = commands.add_parser("cost", help="say what a stack costs, with the arithmetic")
    cost.add_argument("--stack", default="prod", help="the stack whose Pulumi.STACK.yaml is used (prod)")
    cost.add_argument("--orders", type=positive, default=1_000_000, metavar="N", help="how many orders (1000000)")
    cost.add_argument("--json", action="store_true", help="as JSON")
    return top


if __name__ == "__main__":
    interruptible()
    sys.exit(main())
