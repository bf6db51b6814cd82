"""Making services before the first call, where Lambda starts a function ahead of one."""

import os
from collections.abc import Callable

STARTED_AHEAD = frozenset({"snap-start", "provisioned-concurrency"})
"""Values of `AWS_LAMBDA_INITIALIZATION_TYPE` for a start without a call (Lambda developer guide, "Defined runtime
environment variables")."""


def preload(*services: Callable[[], object]) -> None:
    """Make services now if Lambda starts the function ahead of a call; otherwise the first call makes them.

    SnapStart needs no hook of its runtime: the snapshot has whatever exists once the module has been imported. Clients
    have no connection yet, and renew credentials that have expired.
    """
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") in STARTED_AHEAD:
        for service in services:
            service()
