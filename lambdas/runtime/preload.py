"""Creates services during initialization if Lambda initializes the function before its first invocation."""

import os
from collections.abc import Callable

INITIALIZED_EARLY = frozenset({"snap-start", "provisioned-concurrency"})
"""Values of `AWS_LAMBDA_INITIALIZATION_TYPE` for initialization before an invocation (Lambda developer guide, "Defined
runtime environment variables")."""


def preload(*services: Callable[[], object]) -> None:
    """Create services now if Lambda initializes the function before an invocation; otherwise the first one does.

    SnapStart needs no runtime hook: the snapshot holds everything that exists after the module is imported. Clients
    have no connections yet, and renew expired credentials.
    """
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") in INITIALIZED_EARLY:
        for service in services:
            service()
