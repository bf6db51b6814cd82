"""The parser of the commands' arguments."""

import argparse
from typing import Any


class Parser(argparse.ArgumentParser):
    """A parser that takes no abbreviated options: `--outputs` decides whose environment a command has."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"allow_abbrev": False, **options})
