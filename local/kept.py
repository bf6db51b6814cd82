"""What `up --keep` leaves for the next one: the emulator's state, and what the engine knows of it.

Both are complete only after a run that was stopped: each part is marked when it is, and a run removes the marks while
it lasts. From what a killed run leaves, no run continues.
"""

import pickle
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from .emulator_settings import SAVED, STATE
from .state import State

VERSIONS = (version("ministack"), version("pulumi-aws"), *map(str, sys.version_info[:2]))
"""A run continues only from one with the same versions."""


class Saved(NamedTuple):
    """What the engine knows of a stopped run."""

    port: int
    state: State


class Kept:
    """The folder that keeps a stack in a region between runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._engine = folder / "engine.pickle"
        self._emulator = folder / STATE / SAVED

    def take(self) -> tuple[Saved | None, str]:
        """What the last run left, or `None`, with the reason if it cannot be used. That is moved aside."""
        reason = ""
        if self.folder.exists():
            saved, reason = self._read()
            if saved:
                self._engine.unlink()
                self._emulator.unlink()
                return saved, ""
            aside = self.folder.with_name(f"{self.folder.name}.old")
            shutil.rmtree(aside, ignore_errors=True)
            self.folder.rename(aside)
            reason += f"; it is in {aside}"
        self.folder.mkdir(mode=0o700, parents=True)
        return None, reason

    def _read(self) -> tuple[Saved | None, str]:
        if not self._engine.exists() or not self._emulator.exists():
            return None, "the last run was killed, so what it had is not complete"
        try:
            with self._engine.open("rb") as file:
                versions = pickle.load(file)  # noqa: S301  only this user can write here
                if versions != VERSIONS:
                    return None, "the last run had other versions of Python or of packages"
                saved: Saved = pickle.load(file)  # noqa: S301
        except Exception as error:  # noqa: BLE001  whatever a file of another version of this program raises
            return None, f"what the last run had cannot be read: {error}"
        return saved, ""

    def save(self, saved: Saved) -> None:
        """Complete what a stopped run leaves."""
        draft = self._engine.with_suffix(".tmp")
        with draft.open("wb") as file:
            pickle.dump(VERSIONS, file)
            pickle.dump(saved, file)
        draft.replace(self._engine)
