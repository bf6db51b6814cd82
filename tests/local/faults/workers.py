"""Find and kill the processes in which an emulator runs functions."""

import contextlib
import os
import signal


def workers(port):
    """The ids of the worker processes of the emulator on this port that have started to work, by function.

    Processes that still import their modules do not count: when one dies, the emulator kills all others of its
    function, including their replacements, and can loop forever. A process that has worked keeps a connection to a
    service.
    """
    found: dict[str, list[int]] = {}
    for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))):
        with contextlib.suppress(OSError):
            # Other cafés on this machine run the same functions, on other ports.
            environment = environment_of(pid)
            function = environment.get("AWS_LAMBDA_FUNCTION_NAME")
            if function and environment.get("AWS_ENDPOINT_URL", "").endswith(f":{port}") and has_connection(pid):
                found.setdefault(function, []).append(pid)
    return found


def environment_of(pid):
    with open(f"/proc/{pid}/environ", "rb") as file:
        return dict(line.partition("=")[::2] for line in os.fsdecode(file.read()).split("\0"))


def has_connection(pid):
    folder = f"/proc/{pid}/fd"
    return any(os.readlink(f"{folder}/{name}").startswith("socket:") for name in os.listdir(folder))


def kill(pid):
    """Kill a process without cleanup. Returns whether it still existed."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
