"""`POST /photos`: reserve an id for an upload that goes straight to the bucket."""

from http import HTTPStatus

from lambdas.photos.models import NewUpload
from lambdas.photos.services import photos
from lambdas.runtime.http import Request, Response, endpoint, logger
from lambdas.runtime.preload import preload

preload(photos)


@endpoint
def handler(request: Request) -> Response:
    """201, and all that it takes to upload. The photo is at `Location` a moment after its file has arrived."""
    upload = photos().reserve(request.caller, request.body(NewUpload))
    logger.info("reserved", extra={"photo": upload.id})
    return Response(HTTPStatus.CREATED, upload, {"Location": f"/{request.stage}/photos/{upload.id}"})
