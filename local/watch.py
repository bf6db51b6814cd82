"""Which files have changed, told by looking at them again and again.

That sees every editor's way of saving on every file system, needs nothing from the system that could run out, and
takes a millisecond for a few hundred files.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

Look = dict[str, tuple[int, int, int]]
"""By path, what is another after any way of saving: time of the last change (ns), size, and the file itself, which
editors that save by renaming replace."""


class Watcher:
    """Looks at some files and folders below a root."""

    def __init__(self, root: Path, patterns: Sequence[str]) -> None:
        """`patterns`: as `Path.glob` has them; folders are watched with everything in them. Hidden files and backups,
        which editors make beside what they save, are not."""
        self._root = root
        self._patterns = patterns
        self._told = self._latest = self._look()

    def changed(self) -> frozenset[str]:
        """The paths, relative to the root, of files that came, changed or went since they were told last. None while
        files still change from one call to the next: what is saved together is told together."""
        latest, self._latest = self._latest, self._look()
        if latest != self._latest:
            return frozenset()
        changed = {path for path, _ in self._told.items() ^ latest.items()}
        self._told = latest
        return frozenset(changed)

    def _look(self) -> Look:
        look: Look = {}
        for path in self._files():
            try:
                status = path.stat()
            except OSError:
                continue  # it went while we looked: editors' own files do
            look[path.relative_to(self._root).as_posix()] = (status.st_mtime_ns, status.st_size, status.st_ino)
        return look

    def _files(self) -> Iterator[Path]:
        for pattern in self._patterns:
            for path in self._root.glob(pattern):
                if not path.is_dir():
                    yield path
                    continue
                for folder, folders, names in os.walk(path):
                    folders[:] = [name for name in folders if name != "__pycache__"]
                    yield from (Path(folder, name) for name in names if name[0] != "." and name[-1] != "~")
