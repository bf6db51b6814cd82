"""What `up` prints when the café is open."""

from typing import Any
from urllib.parse import urlsplit

from rich.markup import escape

from .seed import PASSWORD, USERS


def plain_address(url: str) -> str:
    """The address of an API that needs no name but `localhost`."""
    address = urlsplit(url)
    return f"http://localhost:{address.port}/_aws/execute-api/{address.netloc.partition('.')[0]}{address.path}"


def welcome(outputs: dict[str, Any], plain_port: int, console_command: str) -> str:
    """Where to go and how to sign in, with markup. `plain_port` is the site's at `localhost`; `console_command` prints
    the console's address."""
    people = "\n".join(f"  {user.email}  {user.role}" for user in USERS)
    return (
        f"\n[bold]The café is open:[/] {outputs['webappUrl']}\n"
        f"Where *.localhost is not resolved, as in Safari: http://localhost:{plain_port}/\n"
        f"API: {outputs['apiUrl']}\n"
        f"For programs: {plain_address(outputs['apiUrl'])}\n\n"
        f"Sign in as\n{people}\nwith the password {PASSWORD}\n\n"
        f"See what happens: {escape(console_command)} --open\n"
        "Changes of the program, the functions and the site take effect when you save them.\n"
    )
