"""Clients for AWS's services.

They are botocore's, which boto3's are as well: what boto3 adds to them no function uses, and importing it would take a
tenth of a function's start.
"""

import gc
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.config import Config
    from botocore.session import Session


@cache
def client(service: str, config: "Config | None" = None) -> Any:
    """The client for one of `botocore_data.SERVICES`. Region and credentials come from the environment."""
    # It lives as long as the process, as does all that is loaded for it: to look for garbage there, now and whenever
    # Python looks for some, would be a tenth of a function's start.
    gc.disable()
    try:
        return _session().create_client(service, config=config)
    finally:
        gc.freeze()
        gc.enable()


@cache
def _session() -> "Session":
    """What clients have in common, read once."""
    from botocore.session import get_session

    from lambdas.runtime.botocore_data import Descriptions

    session = get_session()
    session.register_component("data_loader", Descriptions())
    return session
