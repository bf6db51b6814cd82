"""`POST /form`: keep the picture in a form."""

from http import HTTPStatus

from lambdas.http import Request, Response, endpoint, logger
from lambdas.photos.models import MAX_FORM_BYTES, PhotoForm
from lambdas.services import filing, make_ahead

make_ahead(filing)

MAX_BODY_BYTES = MAX_FORM_BYTES // 3 * 4 + 4096
"""The largest photo as base64, and what stands around it."""


@endpoint
def handler(request: Request) -> Response:
    """201 and the photo."""
    photo = filing().create(request.caller, request.body(PhotoForm, MAX_BODY_BYTES))
    logger.info("filed", extra={"photo": photo.id})
    return Response(HTTPStatus.CREATED, photo.public(), {"Location": f"/{request.stage}/photos/{photo.id}"})
