"""Pictures in S3."""

from typing import TYPE_CHECKING, Literal

from botocore.config import Config
from typing_extensions import override

from lambdas.photos.arrivals import UNVERSIONED
from lambdas.photos.models import MAX_UPLOAD_BYTES, ContentType, StoredPhoto, UploadForm
from lambdas.photos.store import Files
from lambdas.runtime import aws
from lambdas.runtime.errors import Refusal

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

URL_SECONDS = 300
"""How long a presigned URL or form is valid."""


class PhotosBucket(Files):
    """`Files` in a versioned bucket. `path_style` puts the bucket's name in the URL's path instead of its host."""

    def __init__(self, name: str, *, path_style: bool, client: "S3Client | None" = None) -> None:
        self._name = name
        # Without an explicit signature version, some regions would use the old one for presigned URLs.
        addressing: Literal["path", "virtual"] = "path" if path_style else "virtual"
        config = Config(
            signature_version="s3v4",
            # Otherwise us-east-1 would use the global host, unlike other regions.
            s3={"addressing_style": addressing, "us_east_1_regional_endpoint": "regional"},
        )
        self._client: S3Client = client or aws.client("s3", config)

    @override
    def put(self, key: str, content: bytes, content_type: ContentType) -> str:
        response = self._client.put_object(Bucket=self._name, Key=key, Body=content, ContentType=content_type)
        if "VersionId" not in response:
            # S3 now has an object that another upload could replace.
            self.delete(key, UNVERSIONED)
            raise Refusal("unavailable", "The photo store is being set up. Try again in a few minutes.")
        return response["VersionId"]

    @override
    def get(self, key: str, version: str) -> bytes:
        response = self._client.get_object(Bucket=self._name, Key=key, VersionId=version)
        with response["Body"] as body:
            if response["ContentLength"] > MAX_UPLOAD_BYTES:
                detail = f"The file has {response['ContentLength']:,} bytes; the maximum is {MAX_UPLOAD_BYTES:,}."
                raise Refusal("too_large", detail)
            return body.read()

    @override
    def delete(self, key: str, version: str) -> None:
        self._client.delete_object(Bucket=self._name, Key=key, VersionId=version)

    @override
    def upload_form(self, key: str, content_type: ContentType) -> UploadForm:
        # The form accepts no other key, no other type and no larger file.
        form = self._client.generate_presigned_post(
            self._name,
            key,
            Fields={"Content-Type": content_type},
            Conditions=[{"Content-Type": content_type}, ["content-length-range", 1, MAX_UPLOAD_BYTES]],
            ExpiresIn=URL_SECONDS,
        )
        return UploadForm(bucket=self._name, url=form["url"], fields=form["fields"])

    @override
    def url(self, photo: StoredPhoto) -> str:
        # The URL serves these headers, whatever the uploader declared. A version never changes.
        return self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._name,
                "Key": photo.key,
                "VersionId": photo.version,
                "ResponseContentType": photo.content_type,
                "ResponseContentDisposition": "inline",
                "ResponseContentEncoding": "identity",
                "ResponseCacheControl": f"private, max-age={URL_SECONDS}, immutable",
            },
            ExpiresIn=URL_SECONDS,
        )
