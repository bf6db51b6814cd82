"""Clients for the emulator's services."""

import threading
from typing import Any

ACCOUNT_ID = "000000000000"
"""The account of the emulator's root credentials."""

CREDENTIALS = ("test", "test")
"""The emulator's root credentials, which are valid nowhere else."""


class Aws:
    """The emulator as an AWS account: one client per service, created once and thread-safe."""

    def __init__(
        self,
        endpoint: str,
        region: str,
        max_connections: int = 32,
        timeout_seconds: int = 30,
        attempts: int = 3,
        user_agent: str = "",
    ) -> None:
        """`timeout_seconds` is how long a call may take, and `attempts` how often it is tried. `user_agent` is added to
        what the SDK says of itself."""
        # Imported late: a preview does not need it.
        import boto3
        from botocore.config import Config

        self.region = region
        self.endpoint = endpoint
        self._session = boto3.Session(*CREDENTIALS, region_name=region)
        self._config = Config(
            max_pool_connections=max_connections,
            user_agent_extra=user_agent,
            connect_timeout=5,
            read_timeout=timeout_seconds,
            retries={"total_max_attempts": attempts},
            s3={"addressing_style": "path"},
            proxies={},  # none, whatever the environment says
        )
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    def client(self, service: str) -> Any:
        """The client of a service, by boto3's service name."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._session.client(
                    service,
                    endpoint_url=self.endpoint,
                    config=self._config,  # type: ignore[call-overload]
                )
            return self._clients[service]

    def arn(self, service: str, resource: str, *, region: str | None = None, account: str = ACCOUNT_ID) -> str:
        """An ARN in this account; global services have an empty region."""
        return f"arn:aws:{service}:{self.region if region is None else region}:{account}:{resource}"
