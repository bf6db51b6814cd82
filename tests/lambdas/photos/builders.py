"""Builders of photos, reservations, and S3 events as AWS documents them."""

import json
from typing import Any
from urllib.parse import quote_plus

from lambdas.photos.models import ContentType, Reservation, StoredPhoto
from tests.lambdas.builders import NOON

NEVER = 99_999_999_999


def photo_id(n: int = 1, at: int = NOON) -> str:
    return f"{at:012x}-{n:020x}"


def a_photo(n: int = 1, userid: str = "ann", **fields: Any) -> StoredPhoto:
    """A photo, by default of 100 bytes."""
    given = {
        "id": photo_id(n),
        "key": f"uploads/{userid}/{photo_id(n)}",
        "content_type": ContentType.PNG,
        "size": 100,
        "sha256": "0" * 64,
        "created_at": NOON,
        "version": f"version-{n}",
        **fields,
    }
    return StoredPhoto(userid=userid, **given)


def a_reservation(photo: StoredPhoto, expire_on: int = NEVER) -> Reservation:
    return Reservation(id=photo.id, owner=photo.userid, expire_on=expire_on)


def s3_message(*arrivals: tuple[str, str]) -> str:
    """An S3 event notification (S3 user guide, "Event message structure")."""
    records = [
        {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": "eu-central-1",
            "eventTime": "1970-01-01T00:00:00.000Z",
            "eventName": "ObjectCreated:Post",
            "userIdentity": {"principalId": "AIDAJDPLRKLG7UEXAMPLE"},
            "requestParameters": {"sourceIPAddress": "192.0.2.1"},
            "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "FMyUVURIY8/IgAtTv8xRjs"},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "arrivals",
                "bucket": {
                    "name": "photos",
                    "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                    "arn": "arn:aws:s3:::photos",
                },
                "object": {
                    "key": quote_plus(key, safe="/"),
                    "size": 1024,
                    "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                    "versionId": version,
                    "sequencer": "0055AED6DCD90281E5",
                },
            },
        }
        for key, version in arrivals
    ]
    return json.dumps({"Records": records})
