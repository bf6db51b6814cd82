"""Adds to the emulator: changing a user group.

ministack 1.5.33 does not know Cognito's UpdateGroup (Cognito user pools API reference).
"""

import time
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import cognito

FIELDS = ("Description", "Precedence", "RoleArn")
"""What can be changed. What a request does not have stays."""


def add_update_group() -> None:
    """Patch the emulator in this process. Call once."""
    dispatch = cognito._dispatch_idp

    async def dispatch_or_update(action: str, data: dict[str, Any]) -> Any:
        return _update_group(data) if action == "UpdateGroup" else await dispatch(action, data)

    cognito._dispatch_idp = dispatch_or_update


def _update_group(data: dict[str, Any]) -> Any:
    pool, error = cognito._resolve_pool(data.get("UserPoolId"))
    if error:
        return error
    group = pool["_groups"].get(data.get("GroupName"))
    if group is None:
        return error_response_json("ResourceNotFoundException", f"Group {data.get('GroupName')} not found.", 400)
    group.update({field: data[field] for field in FIELDS if field in data}, LastModifiedDate=int(time.time()))
    return json_response({"Group": cognito._group_out(group)})
