"""Describes errors of a program."""

import traceback

import pulumi

from ops.errors import UserError

from .project import Project


def describe(error: Exception, project: Project | None) -> str:
    """The message of an error that is meant for users; of any other, the traceback from the program's first frame on,
    as Pulumi shows it."""
    if isinstance(error, UserError | pulumi.RunError):
        return str(error)
    frame = error.__traceback__
    while frame is not None and project is not None and frame.tb_frame.f_code.co_filename != str(project.program):
        frame = frame.tb_next
    return "".join(traceback.format_exception(error.with_traceback(frame or error.__traceback__))).rstrip()
