"""`DELETE /photos/{id}`: delete a photo permanently."""

from http import HTTPStatus

from lambdas.photos.models import PhotoKey
from lambdas.photos.services import photos
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(photos)


@endpoint
def handler(request: Request) -> Response:
    """Return 204 once the photo is deleted."""
    photos().delete(request.caller, request.key(PhotoKey).id)
    return Response(HTTPStatus.NO_CONTENT)
