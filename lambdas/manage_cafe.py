"""`GET /cafe`, for anyone, and `PATCH /cafe`, for staff: whether the café is open, and how long an order takes."""

from lambdas.cafe.models import CafeChange
from lambdas.cafe.services import cafes
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(cafes)


@endpoint
def handler(request: Request) -> Response:
    """Return the café's state."""
    if request.method == "PATCH":
        return Response(body=cafes().change(request.caller, request.body(CafeChange).open))
    return Response(body=cafes().read())
