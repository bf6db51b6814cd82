"""Fixes the emulator: signed URLs of a version set response headers too.

On AWS, the `response-*` parameters of GetObject set headers of the response (S3 API reference, GetObject). ministack
1.5.33 applies them only to requests without `versionId`.
"""

from typing import Any

from ministack.services import s3


def override_headers_of_versions() -> None:
    """Patch the emulator in this process to apply the parameters to every version. Call once."""
    get_object = s3._get_object

    def get_with_overrides(bucket: str, key: str, headers: Any, query_params: Any = None) -> Any:
        status, answered, body = get_object(bucket, key, headers, query_params)
        if status < 300:
            s3._apply_response_overrides(answered, query_params or {})
        return status, answered, body

    s3._get_object = get_with_overrides
