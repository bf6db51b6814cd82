"""`GET /photos/{id}`: one photo."""

from lambdas.photos.models import PhotoKey
from lambdas.photos.services import photos
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(photos)


@endpoint
def handler(request: Request) -> Response:
    """Return the photo, with the URL of its picture."""
    photo, url = photos().get(request.caller, request.key(PhotoKey).id)
    return Response(body=photo.public(url))
