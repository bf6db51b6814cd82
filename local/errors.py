"""Errors that the user can fix."""


class UserError(Exception):
    """States in one line what is wrong and how to fix it; commands print it without a traceback."""
