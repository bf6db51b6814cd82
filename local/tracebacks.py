"""Makes tracebacks readable: with the project's own paths, without the frames of the emulator and of imports."""

import re
from pathlib import Path

FRAME = re.compile(r'  File "(?P<path>[^"]+)", line \d+.*\n(?: {4}.*\n)*')
"""A frame with its source line."""

CODE = re.compile(r".*/code/(.+)")
"""The path of a function's file on this machine; in the group its path in the archive, which is that in the project."""

MACHINERY = re.compile(r"<frozen importlib\.|<string>$|.*/importlib/__init__\.py$")


def readable(traceback: str, root: Path, scratch: Path | None = None) -> str:
    """A traceback of the project in `root`, or of one of its functions, which the emulator runs in `scratch`."""

    def shown(frame: re.Match[str]) -> str:
        path = frame["path"]
        if MACHINERY.match(path):
            return ""
        if scratch is None or not path.startswith(f"{scratch}/"):
            return frame[0].replace(path, path.removeprefix(f"{root}/"), 1)
        if not (code := CODE.fullmatch(path)):
            return ""  # the emulator's own
        return frame[0].replace(path, code[1] if (root / code[1]).is_file() else f"/var/task/{code[1]}", 1)

    return FRAME.sub(shown, f"{traceback.rstrip()}\n").rstrip()
