"""The processes in which an emulator runs functions: found by their environment, and killed."""

import contextlib
import os
import signal


def workers(port):
    """The processes of the emulator at a port that have begun to work, by the function that they run.

    Those that still import their modules do not count: when one of them dies, the emulator ends all others of its
    function, also those that start in its place, and can go on like that for ever. One that has worked has spoken to a
    service, and keeps the connection.
    """
    found: dict[str, list[int]] = {}
    for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))):
        with contextlib.suppress(OSError):
            # The same functions run for other cafés on this machine, which have other ports.
            environment = environment_of(pid)
            function = environment.get("AWS_LAMBDA_FUNCTION_NAME")
            if function and environment.get("GATEWAY_PORT") == str(port) and has_connection(pid):
                found.setdefault(function, []).append(pid)
    return found


def environment_of(pid):
    with open(f"/proc/{pid}/environ", "rb") as file:
        return dict(line.partition("=")[::2] for line in os.fsdecode(file.read()).split("\0"))


def has_connection(pid):
    folder = f"/proc/{pid}/fd"
    return any(os.readlink(f"{folder}/{name}").startswith("socket:") for name in os.listdir(folder))


def kill(pid):
    """End a process with no chance to clean up; whether it was still there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
