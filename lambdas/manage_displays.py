"""`GET` and `POST /displays` and `DELETE /displays/{id}`, for staff, and `GET /display`, for displays and staff."""

import hashlib
from http import HTTPStatus

import msgspec

from lambdas.identity.models import DisplayKey, NewDisplay
from lambdas.identity.token_services import displays
from lambdas.orders.display import shown
from lambdas.orders.services import orders_table
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.ids import now_ms
from lambdas.runtime.preload import preload

preload(displays, orders_table)


@endpoint
def handler(request: Request) -> Response:
    """Return the displays, the new one, or what they show."""
    match request.method:
        case "POST":
            request.body(NewDisplay)
            return Response(HTTPStatus.CREATED, displays().new(request.caller))
        case "DELETE":
            displays().delete(request.caller, request.key(DisplayKey).id)
            return Response(HTTPStatus.NO_CONTENT)
    if request.route_path == "/displays":
        return Response(body=displays().all(request.caller))
    return _numbers(request)


def _numbers(request: Request) -> Response:
    displays().check(request.caller)
    body = msgspec.json.encode(shown(orders_table(), now_ms())).decode()
    revision = hashlib.sha256(body.encode()).hexdigest()[:32]
    headers = {"ETag": f'"{revision}"'}
    if request.has_seen(revision):
        return Response(HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body=body, headers=headers)
