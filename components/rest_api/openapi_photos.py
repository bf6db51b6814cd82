"""What the published description says of photos."""

from http import HTTPStatus

from msgspec import Struct

from lambdas.photos.keys import PhotosQuery
from lambdas.photos.models import MAX_FORM_BYTES, MAX_UPLOAD_BYTES, NewUpload, Photo, PhotoForm, ReservedUpload
from lambdas.runtime.paging import Paged

from .openapi_parts import Answer, Json, Operation, json_of, ref

ANSWERS: tuple[type[Struct], ...] = (Photo, ReservedUpload)
QUERIES: dict[str, type[Paged]] = {"get_photos": PhotosQuery}
EXAMPLE_BODIES: dict[type[Struct], Json] = {
    PhotoForm: {
        "userid": "9f0c4d2e-7a11-4c55-b1a3-6f2d8e90c1ab",
        "photo": "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
    },
    NewUpload: {"contentType": "image/jpeg", "size": 1_234_567},
}

ONE_PHOTO = json_of(ref("Photo"))
ONE = "/photos/{id}"

OPERATIONS = {
    ("POST", "/form"): Operation(
        "createPhoto",
        "Send a photo",
        f"`photo` is a JPEG, PNG, WebP or GIF of at most {MAX_FORM_BYTES:,} bytes, as base64, plain or as a data URL. "
        "What it is shows in its content; all that is said about it elsewhere counts nothing. `userid` is one's own. "
        "`orderId` is the order of one's own that it belongs to, if any. "
        "A photo for which there is no room is a 409.",
        (Answer(HTTPStatus.CREATED, "The photo.", ONE_PHOTO, ("Location",)),),
        (HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    ),
    ("GET", "/photos"): Operation(
        "listPhotos",
        "List photos",
        "One's own photos, and for staff everyone's, newest first.",
        (Answer(HTTPStatus.OK, "A page of photos.", json_of({"type": "array", "items": ref("Photo")}), ("Link",)),),
        (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN),
    ),
    ("POST", "/photos"): Operation(
        "reservePhoto",
        "Upload a photo",
        f"For photos of up to {MAX_UPLOAD_BYTES:,} bytes. The answer says how to send the file straight to the bucket, "
        "within five minutes by the form, or within a day with credentials of the identity pool. The photo is there a "
        "moment after its file has arrived, unless that is no picture or there is no room for it: then both are gone.",
        (Answer(HTTPStatus.CREATED, "How to upload it.", json_of(ref("ReservedUpload")), ("Location",)),),
        (HTTPStatus.CONFLICT,),
    ),
    ("GET", ONE): Operation("getPhoto", "Get a photo", "One photo.", (Answer(HTTPStatus.OK, "The photo.", ONE_PHOTO),)),
    ("DELETE", ONE): Operation(
        "deletePhoto", "Remove a photo", "For good.", (Answer(HTTPStatus.NO_CONTENT, "The photo is gone."),)
    ),
}
"""By method and path."""
