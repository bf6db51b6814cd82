"""Requests that no route matches: 404 on an unknown path, 405 on a known path with another method."""

from http import HTTPStatus

from lambdas.api.routes import ROUTES
from lambdas.runtime.http import Request, Response, endpoint, problem


@endpoint
def handler(request: Request) -> Response:
    """Return a problem document. `Allow` lists the methods of a known path."""
    allowed = {route.method for route in ROUTES if route.path == request.route_path}
    if not allowed:
        return problem(HTTPStatus.NOT_FOUND, "Not found.")
    methods = ", ".join(sorted({*allowed, "OPTIONS"}))
    response = problem(HTTPStatus.METHOD_NOT_ALLOWED, f"Allowed methods: {methods}.")
    response.headers["Allow"] = methods
    return response
