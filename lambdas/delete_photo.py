"""`DELETE /photos/{id}`: remove a photo for good."""

from http import HTTPStatus

from lambdas.photos.models import PhotoKey
from lambdas.photos.services import photos
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(photos)


@endpoint
def handler(request: Request) -> Response:
    """Nothing, once it is gone."""
    photos().delete(request.caller, request.key(PhotoKey).id)
    return Response(HTTPStatus.NO_CONTENT)
