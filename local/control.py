"""Lets other processes ask a running `up` to compare or apply the program: only that process knows what it deployed."""

import contextlib
import json
import secrets
import threading
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from typing import Any, NamedTuple

from .emulator_settings import HOST
from .errors import UserError
from .home import Home


class Request(NamedTuple):
    """A request of another process, to be answered once."""

    content: dict[str, Any]
    connection: Connection

    def answer(self, content: dict[str, Any]) -> None:
        """Send the answer, unless the other process is gone."""
        with self.connection, contextlib.suppress(OSError):
            self.connection.send_bytes(json.dumps(content).encode())


def listen(home: Home, receive: Callable[[Request], object], about: dict[str, Any]) -> None:
    """Receive requests in background threads. Who can read the home can send them, and find there what
    else there is to say `about` the run."""
    key = secrets.token_hex(32).encode()
    listener = Listener((HOST, 0))
    home.write_control({"port": listener.address[1], "key": key.decode(), **about})

    def serve(connection: Connection) -> None:
        # Whatever a stranger sends must not end the run, nor wait for anybody but the stranger.
        with contextlib.suppress(Exception):
            deliver_challenge(connection, key)
            answer_challenge(connection, key)
            receive(Request(dict(json.loads(connection.recv_bytes())), connection))

    def accept() -> None:
        while True:
            with contextlib.suppress(OSError):
                threading.Thread(target=serve, args=(listener.accept(),), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def ask(home: Home, content: dict[str, Any]) -> dict[str, Any]:
    """Send a request to the run in a home and wait for the answer. Raises `UserError`, also for an answer that has an
    `error`."""
    control = home.control()
    try:
        with Client((HOST, control["port"]), authkey=control["key"].encode()) as connection:
            connection.send_bytes(json.dumps(content).encode())
            answer = dict(json.loads(connection.recv_bytes()))
    except (OSError, EOFError, AuthenticationError) as error:
        raise UserError(f"the run in {home.path} ended before it answered: {error}") from None
    if "error" in answer:
        raise UserError(answer["error"])
    return answer
