"""What is told to the person at the keyboard in one line, without a traceback."""


class LocalError(Exception):
    """Something is not as it should be; the message says what, and what to do."""
