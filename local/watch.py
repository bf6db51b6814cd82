"""Detects changed files by polling.

Polling works with every editor and file system, needs no limited system resource, and takes a millisecond for a few
hundred files.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

Snapshot = dict[str, tuple[int, int, int]]
"""By path: modification time (ns), size, and inode. Every way of saving changes at least one: editors that save by
renaming replace the inode."""

UNWATCHED = ("__pycache__", "node_modules", "venv")
"""Folders with what nobody edits."""


class Watcher:
    """Watches files and folders below a root."""

    def __init__(self, root: Path, patterns: Sequence[str], without: Path | None = None) -> None:
        """`patterns` are `Path.glob` patterns. Folders are watched recursively, except hidden files, editors' backups,
        and the folder `without`."""
        self._root = root
        self._patterns = patterns
        self._without = without
        self._reported = self._latest = self._snapshot()

    def changed(self) -> frozenset[str]:
        """The paths, relative to the root, of files added, changed or removed since the last report. Empty while files
        still change between calls, so that files saved together are reported together."""
        latest, self._latest = self._latest, self._snapshot()
        if latest != self._latest:
            return frozenset()
        changed = {path for path, _ in self._reported.items() ^ latest.items()}
        self._reported = latest
        return frozenset(changed)

    def _snapshot(self) -> Snapshot:
        snapshot: Snapshot = {}
        for path in self._files():
            try:
                status = path.stat()
            except OSError:
                continue  # removed meanwhile, like editors' temporary files
            snapshot[path.relative_to(self._root).as_posix()] = (status.st_mtime_ns, status.st_size, status.st_ino)
        return snapshot

    def _files(self) -> Iterator[Path]:
        for pattern in self._patterns:
            for path in self._root.glob(pattern):
                if path.name in UNWATCHED or path.name[0] == "." or path == self._without:
                    continue
                if not path.is_dir():
                    yield path
                    continue
                for folder, folders, names in os.walk(path):
                    folders[:] = [
                        name
                        for name in folders
                        if name not in UNWATCHED and name[0] != "." and Path(folder, name) != self._without
                    ]
                    yield from (Path(folder, name) for name in names if name[0] != "." and name[-1] != "~")
