"""`DELETE /photos/{id}`: remove a photo for good."""

from http import HTTPStatus

from lambdas.http import Request, Response, endpoint
from lambdas.photos.paths import photo_id
from lambdas.services import make_ahead, photos

make_ahead(photos)


@endpoint
def handler(request: Request) -> Response:
    """Nothing, once it is gone."""
    photos().delete(request.caller, photo_id(request))
    return Response(HTTPStatus.NO_CONTENT)
