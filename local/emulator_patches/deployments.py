"""Makes the emulator's deployments snapshots: a stage serves the API as of its deployment.

ministack 1.5.33 copies only the gateway responses into a deployment. It serves everything else live, so a change
without a deployment takes effect locally but not on AWS (API Gateway developer guide, "Deploy REST APIs").
"""

import contextlib
import copy
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import apigateway_v1 as v1

COPIED = ("_resources", "_models", "_authorizers_v1", "_request_validators")
"""The emulator's stores that a deployment copies, in addition to the gateway responses."""

_served: ContextVar[dict[str, Any]] = ContextVar("served", default={})  # noqa: B039  never mutated
"""The deployment's copies, by store, while a request to a stage is handled."""


class _Store(AccountRegionScopedDict):  # type: ignore[misc]
    """One of the emulator's per-API stores, which returns a deployment's copy while a stage is served."""

    def __init__(self, name: str, content: AccountRegionScopedDict) -> None:
        super().__init__()
        self._data = content._data
        self._name = name

    def get(self, key: str, default: Any = None) -> Any:
        served = _served.get()
        return served[self._name] if self._name in served and key == served["api"] else super().get(key, default)


def copy_deployments() -> None:
    """Patch the emulator in this process to serve stages from copies. Call once."""
    for name in COPIED:
        setattr(v1, name, _Store(name, getattr(v1, name)))
    copies: dict[tuple[str, str | None], dict[str, Any]] = {}
    create, delete, serve = v1._create_deployment, v1._delete_deployment, v1._handle_execute_in_scope
    authorization_type = v1.method_authorization_type

    def create_deployment(api_id: str, data: Any) -> Any:
        before = set(v1._deployments_v1.get(api_id, {}))
        response = create(api_id, data)
        for deployment in set(v1._deployments_v1.get(api_id, {})) - before:
            copies[api_id, deployment] = {
                "api": api_id,
                **{name: copy.deepcopy(getattr(v1, name).get(api_id, {})) for name in COPIED},
            }
        return response

    def delete_deployment(api_id: str, deployment: str) -> Any:
        if any(stage["deploymentId"] == deployment for stage in v1._stages_v1.get(api_id, {}).values()):
            message = "Active stages pointing to this deployment must be moved or deleted"
            return v1._v1_error("BadRequestException", message, 400)
        copies.pop((api_id, deployment), None)
        return delete(api_id, deployment)

    def served(api_id: str, stage_name: str) -> Any:
        stage = v1.stages_for_api(api_id).get(stage_name) or {}
        return _serving(copies.get((api_id, stage.get("deploymentId")), {}))

    async def handle_execute(api_id: str, stage_name: str, *args: Any) -> Any:
        with served(api_id, stage_name):
            return await serve(api_id, stage_name, *args)

    def method_authorization_type(api_id: str, stage_name: str, *args: Any) -> Any:
        with served(api_id, stage_name):
            return authorization_type(api_id, stage_name, *args)

    v1._create_deployment, v1._delete_deployment = create_deployment, delete_deployment
    v1._handle_execute_in_scope, v1.method_authorization_type = handle_execute, method_authorization_type


@contextlib.contextmanager
def _serving(copies: dict[str, Any]) -> Iterator[None]:
    token = _served.set(copies)
    try:
        yield
    finally:
        _served.reset(token)
