"""What the emulator's process and the one that starts it have agreed on."""

HOST = "127.0.0.1"
REPORTS = "LOCAL_REPORTS"
"""The variable with the descriptor to which the process reports failures."""

RECORDS = "LOCAL_RECORDS"
"""The variable with the descriptor of the connection for records; without it, nothing is recorded."""

ACCESS_LOG = "LOCAL_ACCESS_LOG"
"""The variable with a file in which the process notes each request; for tests."""

PLAIN_PORT = "LOCAL_PLAIN_PORT"
"""The variable with the port for the site at `http://localhost`."""

DEBUGGED = "LOCAL_DEBUGGED"
"""The variable with the module of the function that waits for a debugger, or with nothing."""

PROJECT = "LOCAL_PROJECT"
"""The variable with the folder of the program."""

OBSERVER = "local-observer"
"""A part of the user agent of requests that are not recorded: of what only shows what happens."""

DEBUG_PORT = 5678
"""Where a debugger finds the function: debugpy's own default."""

DEBUGGING = "debugging"
"""The file that lets calls wait for a debugger."""

DEBUG_SECONDS = 24 * 60 * 60
"""The time-out of a function that is being debugged."""

STATE = "state"
SAVED = "saved"
"""The file that the emulator leaves in the folder of its state when it has saved all of it."""

SAVE_SECONDS = 120
"""How long stopping may take when the state is saved."""
