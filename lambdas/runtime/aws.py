"""Clients for AWS services.

They are botocore's own clients, which boto3 also uses. No function needs what boto3 adds, and importing it would take a
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
    # The client and everything loaded for it live as long as the process. Scanning them for garbage, now and in later
    # collections, would take a tenth of a function's start.
    gc.disable()
    try:
        return _session().create_client(service, config=config)
    finally:
        gc.freeze()
        gc.enable()


@cache
def _session() -> "Session":
    """The botocore session, shared by all clients."""
    from botocore.session import get_session

    from lambdas.runtime.botocore_data import ServiceLoader

    session = get_session()
    session.register_component("data_loader", ServiceLoader())
    return session
