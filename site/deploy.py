"""Publishes the changed files of the web app, and fills the menu of a new stack.

`python site/deploy.py` publishes to the local run in `.local`; for a stack on AWS, run this after each `pulumi up`:
`pulumi stack output --json | python site/deploy.py --outputs -`. `ops/publish.py` describes the steps and their order.
"""

import argparse
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))  # a script imports only from its own folder

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from local.errors import UserError
from local.text import short
from ops.menu import seed_menu
from ops.publish import Changes, carry_out, find_changes
from ops.site_files import addresses, site_files
from ops.stack import find_stack

ROOT = Path(__file__).parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Publish. Returns the exit code: 0 on success, 1 on failure, 2 for invalid arguments, 130 if interrupted."""
    args = parser().parse_args(arguments)
    try:
        stack = find_stack(args.home, args.outputs)
        files = site_files()
        changes = find_changes(stack, files)
        if args.dry_run:
            describe(changes)
            return 0
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("files", total=len(changes.uploads) + len(changes.removals))
            # Before the pages: they show the menu.
            seed_menu(stack)
            carry_out(stack, files, changes, wait=args.wait, done=lambda number: progress.advance(task, number))
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError, OSError) as error:
        print(f"publishing stopped: {short(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    unchanged = len(files) - len(changes.uploads)
    print(f"{len(changes.uploads)} uploaded, {len(changes.removals)} removed, {unchanged} unchanged")
    return 0


def describe(changes: Changes) -> None:
    """Print the planned changes in order, one per line."""
    if not changes.uploads and not changes.removals:
        print("nothing has changed")
    for path in changes.uploads:
        print(f"upload {short(path)}")
    for path in changes.removals:
        print(f"remove {short(path)}")
    for address in addresses(changes.outdated):
        print(f"invalidate {address}")


def parser() -> argparse.ArgumentParser:
    """The command-line parser."""
    it = argparse.ArgumentParser(prog="python site/deploy.py", description="Publish the web app.")
    stack = it.add_mutually_exclusive_group()
    stack.add_argument(
        "--home", type=Path, default=ROOT / ".local", help="publish to the local run in this folder (default: .local)"
    )
    stack.add_argument(
        "--outputs",
        metavar="FILE",
        help="publish to the AWS stack with these outputs of `pulumi stack output --json` (- for standard input)",
    )
    it.add_argument("--dry-run", action="store_true", help="print the planned changes without making them")
    it.add_argument("--wait", action="store_true", help="wait until the CDN invalidation is complete")
    return it


if __name__ == "__main__":
    sys.exit(main())
