"""Clients for AWS services.

They are botocore's own clients, which boto3 also uses. No function needs what boto3 adds, and importing it would take a
tenth of a function's start.
"""

import gc
import os
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.awsrequest import AWSRequest
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


def sign(request: "AWSRequest", service: str) -> None:
    """Sign a request to a service that botocore has no client for (Signature Version 4), and pass on the trace, as
    botocore's clients do."""
    from botocore.auth import SigV4Auth

    session = _session()
    credentials = session.get_credentials()
    assert credentials is not None, "a function has its role's credentials"
    if trace := os.environ.get("_X_AMZN_TRACE_ID"):
        request.headers["X-Amzn-Trace-Id"] = trace
    SigV4Auth(credentials, service, session.get_config_variable("region")).add_auth(request)


@cache
def _session() -> "Session":
    """The botocore session, shared by all clients."""
    from botocore.session import get_session

    from lambdas.runtime.botocore_data import ServiceLoader

    session = get_session()
    session.register_component("data_loader", ServiceLoader())
    return session
