"""Pictures in S3."""

from typing import TYPE_CHECKING, Literal

from botocore.config import Config
from typing_extensions import override

from lambdas.photos.models import MAX_UPLOAD_BYTES, ContentType, StoredPhoto, UploadForm
from lambdas.photos.store import Files
from lambdas.runtime import aws
from lambdas.runtime.errors import Refusal

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

ADDRESS_SECONDS = 300
"""How long an address or a form is good for."""


class PhotosBucket(Files):
    """The `Files` in a versioned bucket; `path_style` says whether its name stands in the path instead of the host."""

    def __init__(self, name: str, *, path_style: bool, client: "S3Client | None" = None) -> None:
        self._name = name
        # Without a version of signatures, addresses would be signed in the old way in some regions.
        addressing: Literal["path", "virtual"] = "path" if path_style else "virtual"
        config = Config(
            signature_version="s3v4",
            # Otherwise the host in us-east-1 would be another than everywhere else.
            s3={"addressing_style": addressing, "us_east_1_regional_endpoint": "regional"},
        )
        self._client: S3Client = client or aws.client("s3", config)

    @override
    def put(self, key: str, content: bytes, content_type: ContentType) -> str:
        answer = self._client.put_object(Bucket=self._name, Key=key, Body=content, ContentType=content_type)
        return answer["VersionId"]

    @override
    def get(self, key: str, version: str) -> bytes:
        answer = self._client.get_object(Bucket=self._name, Key=key, VersionId=version)
        with answer["Body"] as body:
            if answer["ContentLength"] > MAX_UPLOAD_BYTES:
                detail = f"The file has {answer['ContentLength']:,} bytes; {MAX_UPLOAD_BYTES:,} are allowed."
                raise Refusal("too_large", detail)
            return body.read()

    @override
    def delete(self, key: str, version: str) -> None:
        self._client.delete_object(Bucket=self._name, Key=key, VersionId=version)

    @override
    def upload_form(self, key: str, content_type: ContentType) -> UploadForm:
        # The bucket takes nothing else under it: no other key, no other type, no larger file.
        form = self._client.generate_presigned_post(
            self._name,
            key,
            Fields={"Content-Type": content_type},
            Conditions=[{"Content-Type": content_type}, ["content-length-range", 1, MAX_UPLOAD_BYTES]],
            ExpiresIn=ADDRESS_SECONDS,
        )
        return UploadForm(bucket=self._name, url=form["url"], fields=form["fields"])

    @override
    def address(self, photo: StoredPhoto) -> str:
        # It says what the picture is, whatever whoever uploaded it said.
        return self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._name,
                "Key": photo.key,
                "VersionId": photo.version,
                "ResponseContentType": photo.content_type,
            },
            ExpiresIn=ADDRESS_SECONDS,
        )
