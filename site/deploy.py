"""Publishes the web app, and does no more than has changed.

`python site/deploy.py` does it for what runs in `.local`; for a stack on AWS, after each `pulumi up`:
`pulumi stack output --json | python site/deploy.py --outputs -`. How it is done, and in which order, is told in
`ops/publish.py`.
"""

import argparse
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))  # a script finds only what is beside it

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ops.errors import UserError
from ops.publish import Changes, carry_out, find_changes
from ops.site_files import addresses, site_files
from ops.stack import find_stack
from ops.text import short

ROOT = Path(__file__).parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Publish. Returns 0; 1 when it failed, which one line explains; 2 for a wrong call; 130 when interrupted."""
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
    """Print what would be done, each thing on a line, in the order in which it would."""
    if not changes.uploads and not changes.removals:
        print("nothing has changed")
    for path in changes.uploads:
        print(f"upload {short(path)}")
    for path in changes.removals:
        print(f"remove {short(path)}")
    for address in addresses(changes.outdated):
        print(f"invalidate {address}")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    it = argparse.ArgumentParser(prog="python site/deploy.py", description="Publish the web app.")
    stack = it.add_mutually_exclusive_group()
    stack.add_argument("--home", type=Path, default=ROOT / ".local", help="to what runs there (.local)")
    stack.add_argument(
        "--outputs",
        metavar="FILE",
        help="to a stack on AWS, by what `pulumi stack output --json` prints; - is standard input",
    )
    it.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    it.add_argument("--wait", action="store_true", help="until the CDN has forgotten what has changed")
    return it


if __name__ == "__main__":
    sys.exit(main())
