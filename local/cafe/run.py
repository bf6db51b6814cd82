"""The café's local run."""

import time
from collections.abc import Set
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ..errors import UserError
from ..extension import Extension, listed
from ..recorder.recordings import Recordings
from ..recorder.usage import Usage
from ..session import Session
from ..text import short
from .seed import fill, stack_of
from .welcome import welcome


class Cafe(Extension):
    """Publishes the site, and seeds the menu, users and orders."""

    watched = ("__main__.py", "Pulumi*.yaml", "components", "lambdas", "site/public")
    functions = "lambdas/"
    site = "site/public/"

    def fill(self, session: Session) -> None:
        """Publish the site, and seed the menu, the users and orders."""
        fill(session)

    def publish(self, changed: Set[str], session: Session) -> str:
        """Publish the site."""
        # Imported late: a program that fails does not need it.
        from ops.publish import publish

        began = time.monotonic()
        try:
            publish(stack_of(session))
        except (BotoCoreError, ClientError, UserError, OSError) as error:
            return f"{listed(changed)}: could not update the site: {short(error)}; save again to retry"
        return f"{listed(changed)}: updated the site in {time.monotonic() - began:.1f} s"

    def welcome(self, outputs: dict[str, Any], plain_port: int, console_command: str) -> str:
        """Where to go and how to sign in."""
        return welcome(outputs, plain_port, console_command)

    def serve_console(self, session: Session, recordings: Recordings, usage: Usage, port: int) -> None:
        """Serve the console."""
        from ..console.server import serve
        from ..console.views import Views

        serve(Views(session, recordings, usage), port)
