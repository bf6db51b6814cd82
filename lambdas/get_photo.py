"""`GET /photos/{id}`: one photo."""

from lambdas.http import Request, Response, endpoint
from lambdas.photos.paths import photo_id
from lambdas.services import make_ahead, photos

make_ahead(photos)


@endpoint
def handler(request: Request) -> Response:
    """The photo, with the address of its picture."""
    photo, url = photos().get(request.caller, photo_id(request))
    return Response(body=photo.public(url))
