"""Lets other processes ask a running `up` to compare or apply the program: only that process knows what it deployed."""

import contextlib
import json
import secrets
import threading
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from typing import Any, NamedTuple

from ops.errors import UserError
from ops.home import Home

from .emulator import HOST
from .errors import describe
from .plan_text import lines
from .seed import fill
from .session import Session


class Request(NamedTuple):
    """A request of another process, to be answered once."""

    content: dict[str, Any]
    connection: Connection

    def answer(self, content: dict[str, Any]) -> None:
        """Send the answer, unless the other process is gone."""
        with self.connection, contextlib.suppress(OSError):
            self.connection.send_bytes(json.dumps(content).encode())


def listen(home: Home, receive: Callable[[Request], object]) -> None:
    """Receive requests in a background thread. Who can read the home can send them."""
    key = secrets.token_hex(32)
    listener = Listener((HOST, 0), authkey=key.encode())
    home.write_control({"port": listener.address[1], "key": key})

    def serve() -> None:
        while True:
            with contextlib.suppress(OSError, EOFError, AuthenticationError, ValueError):
                connection = listener.accept()
                receive(Request(json.loads(connection.recv_bytes()), connection))

    threading.Thread(target=serve, daemon=True).start()


def ask(home: Home, content: dict[str, Any]) -> dict[str, Any]:
    """Send a request to the run in a home and wait for the answer. Raises `UserError`, also for an answer that has an
    `error`."""
    control = home.control()
    try:
        with Client((HOST, control["port"]), authkey=control["key"].encode()) as connection:
            connection.send_bytes(json.dumps(content).encode())
            answer = dict(json.loads(connection.recv_bytes()))
    except (OSError, EOFError) as error:
        raise UserError(f"the run in {home.path} ended before it answered: {error}") from None
    if "error" in answer:
        raise UserError(answer["error"])
    return answer


def answer(content: dict[str, Any], session: Session) -> dict[str, Any]:
    """The answer to a request: `{lines, changes, losses}` to `plan`, `{outputs}` to `apply`, or `{error}`."""
    project = session.project
    try:
        _check(content, session)
        project = session.reload(content["given"])
        plan = session.plan(project)
        losses = session.losses(plan)
        if content["request"] == "plan":
            return {"lines": [*lines(plan)], "changes": len(plan.changes), "losses": losses}
        try:
            session.deploy(project)
        finally:
            session.publish_outputs()
        if losses:
            fill(session)
    except Exception as error:  # noqa: BLE001  the program's own errors, and AWS's
        return {"error": describe(error, project)}
    return {"outputs": session.stack.outputs}


def _check(content: dict[str, Any], session: Session) -> None:
    """Raise `UserError` for a request that is about another stack or port."""
    stack, port = content["stack"], content["port"]
    if stack != session.project.stack:
        raise UserError(f"the run has the stack {session.project.stack!r}, not {stack!r}; use another --home")
    if port not in (None, session.port):
        raise UserError(f"the run has the port {session.port}, not {port}; use another --home")
