"""The photo that a path names."""

from lambdas.errors import Refusal
from lambdas.http import Request
from lambdas.photos.keys import PHOTO_ID


def photo_id(request: Request) -> str:
    """The id in the path. `Refusal` when no photo could have it."""
    given = request.parameter("id")
    if not PHOTO_ID.fullmatch(given):
        raise Refusal("missing", "There is no such photo.")
    return given
