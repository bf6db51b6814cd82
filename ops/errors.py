"""The error that a user can do something about."""


class UserError(Exception):
    """Says in one line what is wrong and what to do; commands print it without a traceback."""
