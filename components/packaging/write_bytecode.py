"""Puts the bytecode of all Python sources below a folder beside them.

It is run by the Python that functions run on, and by no other, as

    python -I -S write_bytecode.py FOLDER MOUNT

MOUNT is where the folder's content is going to be when it is imported, which is what tracebacks then say. The files
depend on the sources and MOUNT alone. Ends with one line if a source does not compile.
"""

import importlib.util
import marshal
import sys
from pathlib import Path

MARSHAL_VERSION = 2
"""The last format without references between objects. Later ones write a reference or not by how often the interpreter
happens to hold an object, so the same source gives other bytes on another system (python/cpython issue 78274)."""

UNCHECKED_HASH = (0b01).to_bytes(4, "little")
"""The flags of a file that is never compared with its source (PEP 552): what times an archive has does not matter."""


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
