"""`POST /form`: store the picture in a form."""

from http import HTTPStatus

from lambdas.photos.models import MAX_FORM_BYTES, PhotoForm
from lambdas.photos.services import filing
from lambdas.runtime.http import Request, Response, endpoint, logger
from lambdas.runtime.preload import preload

preload(filing)

MAX_BODY_BYTES = MAX_FORM_BYTES // 3 * 4 + 4096
"""The largest photo as base64, and 4 KB for the other fields."""


@endpoint
def handler(request: Request) -> Response:
    """Return 201 and the photo."""
    photo = filing().create(request.caller, request.body(PhotoForm, MAX_BODY_BYTES))
    logger.info("filed", extra={"photo": photo.id})
    return Response(HTTPStatus.CREATED, photo.public(), {"Location": f"/{request.stage}/photos/{photo.id}"})
