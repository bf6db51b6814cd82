"""Which channels of the live updates a caller may subscribe to."""

from lambdas.api.channels import CHANNELS, Access, address
from lambdas.runtime.caller import Caller


def may_subscribe(caller: Caller, channel: str) -> bool:
    """Whether the caller may subscribe to a channel, which is the same with a leading slash and without.

    The name must be exactly that of a channel: no wildcard, no other spelling, no other namespace.
    """
    name = f"/{channel.removeprefix('/')}"
    for row in CHANNELS:
        head, placeholder, _ = row.path.partition("{customer}")
        prefix = address(row._replace(path=head))
        customer = name.removeprefix(str(prefix)) if placeholder else ""
        if address(row, customer) != name:
            continue
        return caller.is_staff or _has(caller, row.access, customer)
    return False


def _has(caller: Caller, access: Access, customer: str) -> bool:
    """Whether a caller who is not staff has this access to the channel of this customer."""
    if caller.is_display:
        return access == "display"
    return access == "signed-in" or (access == "own" and customer == caller.name)
