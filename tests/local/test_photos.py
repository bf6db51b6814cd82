"""Photos on the running café: through the form, directly to the bucket, and with identity pool credentials."""

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lambdas.photos.models import MAX_FORM_BYTES, MAX_UPLOAD_BYTES
from local.cafe.seed import PASSWORD
from tests.lambdas.photos.builders import s3_message
from tests.lambdas.photos.files import (
    HTML,
    NOT_PICTURES,
    PICTURES,
    WHOLE,
    data_url,
    encoded,
    large_png,
    located,
    picture,
)
from tests.local.conftest import TIMEOUT_SECONDS, eventually, fetch
from tests.local.test_cafe import assert_problem

pytestmark = pytest.mark.long

PNG = {"contentType": "image/png", "size": 1000}


class User(NamedTuple):
    """A signed-in user."""

    name: str
    headers: dict[str, str]
    id_token: str


@pytest.fixture(scope="module")
def sign_in(cafe):
    def sign(email):
        user = cafe.aws.client("cognito-idp").admin_get_user(UserPoolId=cafe.outputs["userPoolId"], Username=email)
        tokens = cafe.api.post("authenticate", json={"username": email, "password": PASSWORD}).json()
        return User(user["Username"], {"Authorization": f"Bearer {tokens['token']}"}, tokens["idToken"])

    return sign


@pytest.fixture(scope="module")
def new_user(cafe, sign_in):
    """Creates and signs in a new user without data."""
    made = iter(range(1000))

    def make():
        email = f"photographer-{next(made)}@example.com"
        pool, cognito = cafe.outputs["userPoolId"], cafe.aws.client("cognito-idp")
        attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        cognito.admin_create_user(UserPoolId=pool, Username=email, UserAttributes=attributes, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=PASSWORD, Permanent=True)
        return sign_in(email)

    return make


@pytest.fixture(scope="module")
def ann(new_user):
    return new_user()


@pytest.fixture(scope="module")
def bob(new_user):
    return new_user()


@pytest.fixture(scope="module")
def sam(sign_in):
    return sign_in("sam@example.com")


class Kept(NamedTuple):
    """A user's data in the bucket and the table: object versions, photos, and the quota's count and bytes."""

    versions: list[str]
    photos: list[str]
    count: int
    bytes: int


@pytest.fixture(scope="module")
def kept(cafe):
    def kept(user):
        listed = cafe.aws.client("s3").list_object_versions(Bucket=cafe.outputs["photosBucketName"])
        items = cafe.aws.client("dynamodb").query(
            TableName=cafe.outputs["photosTableName"],
            KeyConditionExpression="userid = :userid",
            ExpressionAttributeValues={":userid": {"S": user.name}},
            ConsistentRead=True,
        )["Items"]
        photos = [item for item in items if item["id"]["S"] != "quota"]
        quota = next((item for item in items if item["id"]["S"] == "quota"), {"count": {"N": "0"}, "bytes": {"N": "0"}})
        assert not listed.get("DeleteMarkers")
        return Kept(
            [v["VersionId"] for v in listed.get("Versions", []) if user.name in v["Key"]],
            [photo["id"]["S"] for photo in photos],
            int(quota["count"]["N"]),
            int(quota["bytes"]["N"]),
        )

    return kept


@pytest.fixture(scope="module")
def send(cafe):
    """Uploads a photo like the clients of the earlier upload backend."""

    def post(user, photo, userid=None):
        return cafe.api.post("form", json={"userid": userid or user.name, "photo": photo}, headers=user.headers)

    return post


@pytest.fixture(scope="module")
def reserve(cafe):
    def post(user, **body):
        answer = cafe.api.post("photos", json={**PNG, **body}, headers=user.headers)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return post


def upload(reserved, content, **fields):
    """Upload a file with the presigned form, like a browser."""
    files = {"file": ("../../photo.png", content, "application/octet-stream")}
    return httpx.post(
        reserved["url"], data={**reserved["fields"], **fields}, files=files, trust_env=False, timeout=TIMEOUT_SECONDS
    )


@pytest.fixture(scope="module")
def get(cafe):
    def ask(user, id):
        return cafe.api.get(f"photos/{id}", headers=user.headers)

    return ask


@pytest.fixture(scope="module")
def filed(get):
    """Waits until a photo is filed and returns it."""

    def wait(user, id):
        eventually(lambda: get(user, id).status_code == 200)
        return get(user, id).json()

    return wait


@pytest.fixture(scope="module")
def settled(cafe):
    """Waits until the photos queue is empty. For tests that have seen the expected effect and check that nothing else
    happens."""

    def wait():
        sqs = cafe.aws.client("sqs")
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

        def idle():
            answer = sqs.get_queue_attributes(QueueUrl=cafe.outputs["photosQueueUrl"], AttributeNames=names)
            return [answer["Attributes"][name] for name in names] == ["0", "0"]

        # Events are sent in the background: one check could miss a late event, three rarely do.
        for _ in range(3):
            time.sleep(0.1)
            eventually(idle)

    return wait


def test_a_form_upload_returns_the_stored_key(cafe, ann, send, get):
    content = picture("JPEG", (300, 200))
    answer = send(ann, encoded(content))

    assert answer.status_code == 201, answer.text
    photo = answer.json()
    assert photo == {
        "id": photo["id"],
        "userid": ann.name,
        "key": f"uploads/{ann.name}/{photo['id']}",
        "contentType": "image/jpeg",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "_createdAt": photo["_createdAt"],
    }
    assert abs(photo["_createdAt"] - time.time() * 1000) < 60_000
    assert answer.headers["Location"] == f"/dev/photos/{photo['id']}"
    stored = cafe.aws.client("s3").get_object(Bucket=cafe.outputs["photosBucketName"], Key=photo["key"])
    assert stored["Body"].read() == content
    assert stored["ServerSideEncryption"] == "AES256"


@pytest.mark.parametrize("name", [name for name in PICTURES if "large" not in name])
def test_every_picture_format_is_stored_and_returned(ann, send, get, name):
    sent = send(ann, data_url(PICTURES[name]))
    assert sent.status_code == 201, sent.text

    photo = get(ann, sent.json()["id"]).json()
    fetched = fetch(photo["url"])

    assert photo["contentType"] == f"image/{name.partition(',')[0]}"
    assert (fetched.status_code, fetched.headers["Content-Type"]) == (200, photo["contentType"])
    assert fetched.content == PICTURES[name]


@pytest.mark.parametrize("name", NOT_PICTURES)
def test_a_disguised_file_is_a_415_and_leaves_nothing(cafe, bob, send, kept, name):
    assert_problem(send(bob, data_url(NOT_PICTURES[name])), 415)
    assert kept(bob) == Kept([], [], 0, 0)


@pytest.mark.parametrize(
    ("status", "photo"),
    [
        pytest.param(400, "", id="nothing"),
        pytest.param(400, "data:image/png;base64,", id="0 bytes"),
        pytest.param(400, "%%%", id="bad base64"),
        pytest.param(400, encoded(WHOLE["PNG"])[:-1], id="truncated base64"),
        pytest.param(400, 7, id="a number"),
        pytest.param(413, encoded(large_png(MAX_FORM_BYTES + 1)), id="2 MB and one byte more"),
        pytest.param(413, "A" * 5_000_000, id="5 MB"),
    ],
)
def test_an_invalid_photo_leaves_nothing(bob, send, kept, status, photo):
    assert_problem(send(bob, photo), status)
    assert kept(bob) == Kept([], [], 0, 0)


@pytest.mark.parametrize(
    "userid", ["../{}", "{}/..", "/", "..", "%2e%2e", "${{filename}}", "somebody", "{}\n", "uploads/x"]
)
def test_another_userid_is_a_403(bob, send, kept, userid):
    assert_problem(send(bob, encoded(WHOLE["PNG"]), userid.format(bob.name)), 403)
    assert kept(bob) == Kept([], [], 0, 0)


def test_staff_cannot_upload_for_other_users(sam, bob, send, kept):
    assert_problem(send(sam, encoded(WHOLE["PNG"]), bob.name), 403)
    assert kept(bob) == Kept([], [], 0, 0)


def test_a_request_without_a_token_is_a_401(cafe):
    for method, path in [("POST", "form"), ("POST", "photos"), ("GET", "photos"), ("GET", "photos/x")]:
        assert_problem(cafe.api.request(method, path), 401)


def test_an_upload_goes_directly_to_the_bucket(ann, reserve, filed):
    content = picture("PNG", (400, 300))
    reserved = reserve(ann, size=len(content))
    assert upload(reserved, content).status_code == 204

    photo = filed(ann, reserved["id"])
    assert photo["key"] == reserved["key"] == f"uploads/{ann.name}/{reserved['id']}"
    assert (photo["contentType"], photo["size"]) == ("image/png", len(content))
    assert fetch(photo["url"]).content == content


@pytest.mark.parametrize("name", [f"{kind} behind a page" for kind in WHOLE] + ["a page", "an svg", "half of a PNG"])
def test_a_disguised_upload_is_deleted_and_its_owner_learns_why(bob, reserve, get, kept, name):
    reserved = reserve(bob)
    assert upload(reserved, NOT_PICTURES[name]).status_code == 204

    eventually(lambda: "upload was refused" in get(bob, reserved["id"]).json()["detail"])
    answer = get(bob, reserved["id"])
    assert_problem(answer, 404)
    assert "not a complete picture" in answer.json()["detail"]
    assert kept(bob) == Kept([], [], 0, 0)


@pytest.mark.parametrize(
    ("fields", "content"),
    [
        ({"Content-Type": "text/html"}, HTML),
        ({"key": "uploads/somebody/else"}, WHOLE["PNG"]),
        ({"key": "uploads/${filename}"}, WHOLE["PNG"]),
        ({"x-amz-meta-more": "x"}, WHOLE["PNG"]),
        ({"acl": "public-read"}, WHOLE["PNG"]),
        ({}, b""),
        ({}, bytes(MAX_UPLOAD_BYTES + 1)),
        ({"policy": "e30="}, WHOLE["PNG"]),
    ],
    ids=["type", "key", "file name", "metadata", "acl", "empty", "too large", "policy"],
)
def test_the_form_refuses_anything_not_reserved(bob, reserve, kept, fields, content):
    assert upload(reserve(bob), content, **fields).status_code in (400, 403)
    assert kept(bob) == Kept([], [], 0, 0)


def test_a_second_upload_does_not_replace_the_photo(ann, reserve, filed, get, settled, kept):
    reserved = reserve(ann)
    upload(reserved, WHOLE["PNG"])
    first = filed(ann, reserved["id"])
    before = kept(ann)

    for content in (HTML, WHOLE["GIF"]):
        assert upload(reserved, content).status_code == 204
        assert fetch(get(ann, reserved["id"]).json()["url"]).content == WHOLE["PNG"]
    # Each is another version of the object until it has been processed.
    eventually(lambda: kept(ann) == before)
    settled()

    assert kept(ann) == before
    again = get(ann, reserved["id"]).json()
    assert {**again, "url": ""} == {**first, "url": ""}
    assert fetch(again["url"]).content == WHOLE["PNG"]


def test_redelivered_events_change_nothing(cafe, ann, reserve, filed, settled, kept):
    reserved = reserve(ann)
    version = upload(reserved, WHOLE["PNG"]).headers["x-amz-version-id"]
    filed(ann, reserved["id"])
    settled()
    before = kept(ann)

    for _ in range(5):
        message = s3_message((reserved["key"], version))
        cafe.aws.client("sqs").send_message(QueueUrl=cafe.outputs["photosQueueUrl"], MessageBody=message)
    settled()

    assert kept(ann) == before


def test_only_the_owner_and_staff_can_access_a_photo(cafe, ann, bob, sam, send, get):
    photo = send(ann, encoded(WHOLE["PNG"])).json()

    assert_problem(get(bob, photo["id"]), 404)
    assert_problem(cafe.api.delete(f"photos/{photo['id']}", headers=bob.headers), 404)
    assert_problem(cafe.api.get("photos", params={"userid": ann.name}, headers=bob.headers), 403)
    assert cafe.api.get("photos", headers=bob.headers).json() == []
    assert get(sam, photo["id"]).status_code == 200
    listed = cafe.api.get("photos", params={"userid": ann.name, "limit": "100"}, headers=sam.headers).json()
    assert photo["id"] in [each["id"] for each in listed]
    unsigned = fetch(get(ann, photo["id"]).json()["url"].partition("?")[0])
    assert unsigned.status_code == 403


def test_a_signed_url_is_valid_for_five_minutes_and_one_version(ann, send, get):
    url = httpx.URL(get(ann, send(ann, encoded(WHOLE["PNG"])).json()["id"]).json()["url"])

    assert url.params["X-Amz-Expires"] == "300"
    assert fetch(url.copy_set_param("X-Amz-Expires", "3000")).status_code == 403
    assert fetch(url.copy_set_param("versionId", "null")).status_code == 403
    assert fetch(url.copy_remove_param("response-content-type")).status_code == 403


def test_lists_are_paged(cafe, new_user, send):
    user = new_user()
    sent = [send(user, encoded(WHOLE["GIF"])).json()["id"] for _ in range(5)]
    path, found = "photos?limit=2", []
    while path:
        answer = cafe.api.get(path, headers=user.headers)
        found.append([photo["id"] for photo in answer.json()])
        path = answer.links.get("next", {}).get("url")

    assert found == [sent[:2:-1], sent[2:0:-1], sent[:1]]


def test_deleting_frees_the_quota_once(cafe, new_user, send, kept):
    user = new_user()
    first, second = (send(user, encoded(WHOLE["GIF"])).json() for _ in range(2))

    with ThreadPoolExecutor(8) as workers:
        path = f"photos/{first['id']}"
        answers = list(workers.map(lambda _: cafe.api.delete(path, headers=user.headers).status_code, range(8)))

    assert sorted(answers) == [204, *[404] * 7]
    after = kept(user)
    assert (after.photos, after.count, after.bytes) == ([second["id"]], 1, second["size"])
    assert len(after.versions) == 1


def leave_room(cafe, user, count):
    """Set a user's quota so that only `count` more photos fit."""
    cafe.aws.client("dynamodb").put_item(
        TableName=cafe.outputs["photosTableName"],
        Item={"userid": {"S": user.name}, "id": {"S": "quota"}, "count": {"N": str(500 - count)}, "bytes": {"N": "0"}},
    )


def test_concurrent_forms_do_not_exceed_the_quota(cafe, new_user, send, kept, settled):
    user = new_user()
    leave_room(cafe, user, 5)

    with ThreadPoolExecutor(16) as workers:
        answers = list(workers.map(lambda _: send(user, encoded(WHOLE["GIF"])).status_code, range(16)))
    settled()

    assert sorted(answers) == [201] * 5 + [409] * 11
    after = kept(user)
    assert (len(after.versions), len(after.photos), after.count) == (5, 5, 500)
    assert after.bytes == 5 * len(WHOLE["GIF"])


def test_concurrent_uploads_do_not_exceed_the_quota(cafe, new_user, reserve, kept, settled):
    user = new_user()
    reservations = [reserve(user) for _ in range(5)]
    leave_room(cafe, user, 5)

    assert_problem(cafe.api.post("photos", json=PNG, headers=user.headers), 409)  # reservations count
    with ThreadPoolExecutor(16) as workers:
        assert set(workers.map(lambda reserved: upload(reserved, WHOLE["GIF"]).status_code, reservations * 3)) == {204}
    eventually(lambda: len(kept(user).versions) <= 5)
    settled()

    after = kept(user)
    assert (len(after.versions), len(after.photos), after.count) == (5, 5, 500)
    assert_problem(cafe.api.post("photos", json=PNG, headers=user.headers), 409)


class Identity(NamedTuple):
    """An identity of the pool, and an S3 client with its credentials."""

    id: str
    s3: object


@pytest.fixture(scope="module")
def identity(cafe):
    """Gets a user's identity and credentials like an SDK."""

    def get(user):
        pools = boto3.client(
            "cognito-identity",
            endpoint_url=f"http://localhost:{cafe.port}",
            region_name="us-east-1",
            aws_access_key_id="nobody",
            aws_secret_access_key="nobody",
        )
        logins = {f"cognito-idp.us-east-1.amazonaws.com/{cafe.outputs['userPoolId']}": user.id_token}
        own = pools.get_id(IdentityPoolId=cafe.outputs["identityPoolId"], Logins=logins)["IdentityId"]
        given = pools.get_credentials_for_identity(IdentityId=own, Logins=logins)["Credentials"]
        s3 = boto3.client(
            "s3",
            endpoint_url=f"http://localhost:{cafe.port}",
            region_name="us-east-1",
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretKey"],
            aws_session_token=given["SessionToken"],
            config=Config(s3={"addressing_style": "path"}),
        )
        return Identity(own, s3)

    return get


def put_in_parts(s3, bucket, key, content, part_size=5 * 1024 * 1024):
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key, ContentType="application/octet-stream")["UploadId"]
    to = {"Bucket": bucket, "Key": key, "UploadId": upload}
    parts = [content[at : at + part_size] for at in range(0, len(content), part_size)]
    sent = [
        {"PartNumber": n, "ETag": s3.upload_part(**to, PartNumber=n, Body=part)["ETag"]}
        for n, part in enumerate(parts, 1)
    ]
    assert len(s3.list_parts(**to)["Parts"]) == len(parts)
    s3.complete_multipart_upload(**to, MultipartUpload={"Parts": sent})


def test_a_large_photo_is_uploaded_in_parts_with_identity_credentials(ann, identity, reserve, filed):
    mine = identity(ann)
    content = large_png(12 * 1024 * 1024)
    reserved = reserve(ann, size=len(content))
    put_in_parts(mine.s3, reserved["bucket"], f"identities/{mine.id}/{reserved['id']}", content)

    photo = filed(ann, reserved["id"])
    assert (photo["key"], photo["size"]) == (f"identities/{mine.id}/{reserved['id']}", len(content))
    assert photo["userid"] == ann.name
    assert fetch(photo["url"]).content == content


def test_the_headers_of_an_upload_are_not_served(ann, identity, reserve, filed):
    mine, reserved = identity(ann), reserve(ann)
    mine.s3.put_object(
        Bucket=reserved["bucket"],
        Key=f"identities/{mine.id}/{reserved['id']}",
        Body=WHOLE["PNG"],
        ContentType="text/html",
        ContentDisposition='attachment; filename="invoice.exe"',
        CacheControl="public, max-age=31536000",
    )

    served = fetch(filed(ann, reserved["id"])["url"]).headers
    assert (served["Content-Type"], served["Content-Disposition"]) == ("image/png", "inline")
    assert served["Cache-Control"] == "private, max-age=300, immutable"


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("way", ["form", "upload"])
def test_a_position_in_a_picture_is_not_kept(cafe, ann, reserve, send, filed, way, format):
    if way == "form":
        id_ = send(ann, encoded(located(format))).json()["id"]
    else:
        reserved = reserve(ann)
        upload(reserved, located(format))
        id_ = reserved["id"]
    photo = filed(ann, id_)

    content = fetch(photo["url"]).content
    assert (b"GPS" in content, len(content)) == (False, photo["size"])
    versions = cafe.aws.client("s3").list_object_versions(Bucket=cafe.outputs["photosBucketName"], Prefix=photo["key"])
    assert len(versions["Versions"]) == 1


@pytest.mark.parametrize("content", [HTML, large_png(MAX_UPLOAD_BYTES + 1)], ids=["a page", "a byte too large"])
def test_an_invalid_identity_upload_is_deleted(cafe, bob, identity, reserve, get, content):
    mine, reserved = identity(bob), reserve(bob)
    key = f"identities/{mine.id}/{reserved['id']}"
    mine.s3.put_object(Bucket=reserved["bucket"], Key=key, Body=content, ContentType="image/png")

    s3 = cafe.aws.client("s3")
    eventually(lambda: "Versions" not in s3.list_object_versions(Bucket=reserved["bucket"], Prefix=key))
    assert get(bob, reserved["id"]).status_code == 404


@pytest.mark.parametrize("name", ["photo.png", "a/b/c", "01a1fe662613-5bca80c9007901f326e5", "quota"])
def test_an_upload_without_a_reservation_is_deleted(cafe, bob, identity, name):
    mine, bucket = identity(bob), cafe.outputs["photosBucketName"]
    mine.s3.put_object(Bucket=bucket, Key=f"identities/{mine.id}/{name}", Body=WHOLE["PNG"])

    s3 = cafe.aws.client("s3")
    eventually(lambda: "Versions" not in s3.list_object_versions(Bucket=bucket, Prefix=f"identities/{mine.id}/"))


def denied(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"] == "AccessDenied"


def test_identity_credentials_allow_only_writes_to_their_own_prefix(cafe, ann, bob, identity, reserve, send):
    mine, theirs = identity(bob), identity(ann)
    photo = send(ann, encoded(WHOLE["PNG"])).json()
    bucket, name = cafe.outputs["photosBucketName"], reserve(bob)["id"]
    places = (
        f"identities/{theirs.id}/",
        f"identities/{mine.id}x/",
        f"identities/{mine.id}",
        f"uploads/{bob.name}/",
        "",
    )
    assert mine.id != theirs.id

    for key in [*(f"{place}{name}" for place in places), photo["key"]]:
        assert denied(mine.s3.put_object, Bucket=bucket, Key=key, Body=b"x"), key
        assert denied(mine.s3.create_multipart_upload, Bucket=bucket, Key=key), key
    own = f"identities/{mine.id}/{name}"
    assert denied(mine.s3.get_object, Bucket=bucket, Key=photo["key"])
    assert denied(mine.s3.get_object, Bucket=bucket, Key=own)
    assert denied(mine.s3.delete_object, Bucket=bucket, Key=own)
    assert denied(mine.s3.put_object_acl, Bucket=bucket, Key=own, ACL="public-read")
    assert denied(mine.s3.put_object, Bucket=cafe.outputs["webappBucketName"], Key=own, Body=b"x")


def test_the_bucket_cannot_be_listed(cafe, ann, identity):
    bucket, s3 = cafe.outputs["photosBucketName"], identity(ann).s3

    for call in (s3.list_objects_v2, s3.list_objects, s3.list_object_versions, s3.list_multipart_uploads):
        assert denied(call, Bucket=bucket)
    for query in ("", "?list-type=2", "?versions", "?uploads"):
        assert fetch(f"http://127.0.0.1:{cafe.port}/{bucket}{query}").status_code == 403


def test_credentials_require_a_valid_id_token(cafe, ann):
    pools = cafe.aws.client("cognito-identity")
    provider = f"cognito-idp.us-east-1.amazonaws.com/{cafe.outputs['userPoolId']}"

    # Unlike AWS, the emulator returns an identity without logins; that identity has no role.
    wrong = ann.id_token[:-8] + "AAAAAAAA"
    for logins in ({provider: "a.b.c"}, {provider: wrong}, {provider + "x": ann.id_token}, {"graph.facebook.com": "x"}):
        with pytest.raises(ClientError) as refused:
            pools.get_id(IdentityPoolId=cafe.outputs["identityPoolId"], Logins=logins)
        assert refused.value.response["Error"]["Code"] == "NotAuthorizedException", logins


def test_the_bucket_allows_only_the_sites_origin(cafe):
    url = f"http://127.0.0.1:{cafe.port}/{cafe.outputs['photosBucketName']}/uploads/x"

    def allowed(origin):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answer = httpx.options(url, headers=headers, trust_env=False, timeout=TIMEOUT_SECONDS)
        return answer.headers.get("Access-Control-Allow-Origin")

    assert allowed(cafe.outputs["webappUrl"].removesuffix("/")) in ("*", cafe.outputs["webappUrl"].removesuffix("/"))
    assert allowed("https://elsewhere.example") is None


def test_no_message_reached_the_dead_letter_queue(cafe, settled):
    settled()
    url = cafe.outputs["photosDlqUrl"]
    answer = cafe.aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])

    assert answer["Attributes"]["ApproximateNumberOfMessages"] == "0"
