"""`GET /menu`, for anyone, and `PUT` and `DELETE /menu/{name}`, for staff."""

from http import HTTPStatus

from lambdas.cafe.menu import public
from lambdas.cafe.models import MenuItemBody, MenuKey
from lambdas.cafe.services import menus
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(menus)

FRESH = "public, max-age=0, s-maxage=60"
"""Browsers ask again each time, and the CDN answers for a minute: most guests never reach the function."""


@endpoint
def handler(request: Request) -> Response:
    """Return the menu, or the item that was changed."""
    match request.method:
        case "PUT":
            return _put(request)
        case "DELETE":
            menus().delete(request.caller, request.key(MenuKey).name, request.if_match)
            return Response(HTTPStatus.NO_CONTENT)
    menu, revision = menus().read()
    # The CDN caches the response under `v`, so it must be that version.
    is_asked_for = request.query().get("v", revision).strip('"') == revision
    headers = {"ETag": f'"{revision}"', "Cache-Control": FRESH if is_asked_for else "no-store"}
    if request.has_seen(revision):
        return Response(HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body=menu, headers=headers)


def _put(request: Request) -> Response:
    key, body = request.key(MenuKey), request.body(MenuItemBody)
    item, is_new = menus().put(request.caller, key.name, body, request.if_match)
    status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
    return Response(status, public(item), {"ETag": f'"{item.revision}"'})
