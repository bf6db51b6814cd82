"""Describes errors of a program."""

import traceback
from pathlib import Path

import pulumi

from .errors import UserError
from .project import Project

OWN = Path(__file__).parent
"""The folder of the local run's own code."""


def describe(error: BaseException, project: Project | None) -> str:
    """The message of an error that is meant for users; of any other, a traceback with the program's own frames, as
    Pulumi shows it."""
    if isinstance(error, UserError | pulumi.RunError):
        return str(error)
    lines = traceback.format_exception_only(error)
    if project is None:
        return "".join(lines).rstrip()
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_the_programs(frame.filename, project)]
    head = ["Traceback (most recent call last):\n"] if frames else []
    return "".join([*head, *traceback.format_list(frames), *lines]).rstrip()


def _is_the_programs(file: str, project: Project) -> bool:
    path = Path(file)
    return path.is_relative_to(project.root) and "site-packages" not in path.parts and not path.is_relative_to(OWN)
