"""Descriptions of the operations on photos."""

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
        "Create a photo",
        f"`photo` is a JPEG, PNG, WebP or GIF of at most {MAX_FORM_BYTES:,} bytes in base64, plain or as a data URL. "
        "Its content determines its type; a declared type is ignored. `userid` is the caller's. `orderId` is the "
        "caller's order that the photo belongs to, if any. If there is no room for the photo, the response is a 409.",
        (Answer(HTTPStatus.CREATED, "The photo.", ONE_PHOTO, ("Location",)),),
        (HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    ),
    ("GET", "/photos"): Operation(
        "listPhotos",
        "List photos",
        "Returns the caller's photos, or everyone's for staff, newest first.",
        (Answer(HTTPStatus.OK, "A page of photos.", json_of({"type": "array", "items": ref("Photo")}), ("Link",)),),
        (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN),
    ),
    ("POST", "/photos"): Operation(
        "reservePhoto",
        "Upload a photo",
        f"For photos of up to {MAX_UPLOAD_BYTES:,} bytes. The response describes how to upload the file directly to "
        "the bucket: within five minutes with the form, or within a day with identity pool credentials. The photo "
        "exists shortly after the upload. If the file is not a picture or exceeds the quota, the file and the "
        "reservation are deleted.",
        (Answer(HTTPStatus.CREATED, "How to upload the photo.", json_of(ref("ReservedUpload")), ("Location",)),),
        (HTTPStatus.CONFLICT,),
    ),
    ("GET", ONE): Operation(
        "getPhoto", "Get a photo", "Returns a photo.", (Answer(HTTPStatus.OK, "The photo.", ONE_PHOTO),)
    ),
    ("DELETE", ONE): Operation(
        "deletePhoto",
        "Delete a photo",
        "Deletes a photo permanently.",
        (Answer(HTTPStatus.NO_CONTENT, "The photo was deleted."),),
    ),
}
"""Operations by method and path."""
