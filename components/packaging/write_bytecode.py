"""Writes the bytecode of all Python sources below a folder next to them.

Run it only with the Python version that functions run on:

    python -I -S write_bytecode.py FOLDER MOUNT

MOUNT is the folder's path at import time, as tracebacks show it. The output depends on the sources and MOUNT alone.
Exits with a one-line error if a source does not compile.
"""

import importlib.util
import marshal
import sys
from pathlib import Path

MARSHAL_VERSION = 2
"""The last format without references between objects. Whether later ones write a reference depends on how often the
interpreter holds an object, so the same source produces different bytes on another system (python/cpython issue
78274)."""

UNCHECKED_HASH = (0b01).to_bytes(4, "little")
"""Flags of a file that is never compared with its source (PEP 552), so an archive's timestamps do not matter."""


def write_bytecode(folder: Path, mount: str) -> None:
    """Compile each source below `folder` into `__pycache__`. Raises `SyntaxError`."""
    for path in folder.rglob("*.py"):
        source = path.read_bytes()
        code = compile(source, f"{mount}/{path.relative_to(folder).as_posix()}", "exec", dont_inherit=True)
        header = importlib.util.MAGIC_NUMBER + UNCHECKED_HASH + importlib.util.source_hash(source)
        compiled = Path(importlib.util.cache_from_source(str(path)))
        compiled.parent.mkdir(exist_ok=True)
        compiled.write_bytes(header + marshal.dumps(code, MARSHAL_VERSION))


if __name__ == "__main__":
    try:
        write_bytecode(Path(sys.argv[1]), sys.argv[2])
    except SyntaxError as error:
        sys.exit(f"{error.filename}:{error.lineno}: {error.msg}")
