"""`POST /photos`: reserve an ID for a direct upload to the bucket."""

from http import HTTPStatus

from lambdas.photos.models import NewUpload
from lambdas.photos.services import photos
from lambdas.runtime.http import Request, Response, endpoint, logger
from lambdas.runtime.preload import preload

preload(photos)


@endpoint
def handler(request: Request) -> Response:
    """Return 201 and the upload form. The photo is available at `Location` moments after the upload completes."""
    upload = photos().reserve(request.caller, request.body(NewUpload))
    logger.info("reserved", extra={"photo": upload.id})
    return Response(HTTPStatus.CREATED, upload, {"Location": f"/{request.stage}/photos/{upload.id}"})
