"""`GET /photos`: the caller's photos, or everyone's for staff, newest first."""

from msgspec import UNSET

from lambdas.photos.keys import PhotosQuery
from lambdas.photos.services import photos
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.paging import next_link, parse
from lambdas.runtime.preload import preload

preload(photos)


@endpoint
def handler(request: Request) -> Response:
    """Return a page of photos, with the URLs of their pictures."""
    query = parse(request.query(), PhotosQuery)
    userid = None if query.userid is UNSET else query.userid
    page, urls = photos().page(request.caller, userid, query.limit, query.position())
    headers = {} if page.next is None else {"Link": next_link(query, page.next)}
    return Response(body=[photo.public(url) for photo, url in zip(page.items, urls, strict=True)], headers=headers)
