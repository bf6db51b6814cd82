"""The emulator patch that refuses pages that are not the run's own."""

import json
from urllib.parse import urlencode

import httpx
import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from local.emulator_client import CREDENTIALS
from local.emulator_patches.own_origins import _host

ELSEWHERE = "https://elsewhere.example"


@pytest.fixture
def send(emulator):
    """Sends a request to the emulator, and returns the answer's status."""

    def send(path="/_ministack/health", method="GET", **headers):
        return httpx.request(method, emulator.endpoint + path, headers=headers, trust_env=False).status_code

    return send


@pytest.fixture
def port(emulator):
    return int(emulator.endpoint.rpartition(":")[2])


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "abc.cloudfront.localhost", "localhost:1"])
def test_loopback_names_are_answered(send, host):
    assert send(Host=host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "elsewhere.example",
        "localhost.elsewhere.example",
        "127.0.0.1.elsewhere.example",
        "notlocalhost",
        "1127.0.0.1",
        "10.0.0.1",
        "localhost@elsewhere.example",
        "[localhost",
        "",
    ],
)
def test_other_names_are_refused(send, host):
    assert send(Host=host) == 403


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "abc.cloudfront.localhost"])
def test_the_runs_own_pages_may_send_anything(send, port, host):
    assert send(Origin=f"http://{host}:{port}") == 200


def test_pages_of_others_may_not(send, port):
    others = [
        ELSEWHERE,
        "null",
        "",
        "http://localhost",
        f"http://localhost:{port}0",
        f"http://localhost:1{port}",
        f"http://localhost.elsewhere.example:{port}",
        f"http://elsewhere.example:{port}",
    ]

    assert {origin: send(Origin=origin) for origin in others} == dict.fromkeys(others, 403)
    assert send("/_ministack/reset", "POST", Origin=ELSEWHERE) == 403


@pytest.fixture(scope="module")
def api(aws):
    """The ID of an API with the stage `dev`."""
    client = aws.client("apigateway")
    api = client.create_rest_api(name="open")["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    client.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    client.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
    client.create_deployment(restApiId=api, stageName="dev")
    return api


@pytest.fixture
def is_answered(emulator):
    """Whether the emulator answers a request of another page."""

    def is_answered(path, host="localhost", method="GET", headers=None, **options):
        sent = {"Host": host, "Origin": ELSEWHERE, **(headers or {})}
        sent = {name: value for name, value in sent.items() if value is not None}
        answer = httpx.request(method, emulator.endpoint + path, headers=sent, trust_env=False, **options)
        return "only this machine" not in answer.text

    return is_answered


def presigned(aws, service="sns", action="ListTopics", **parameters):
    """The query of a request to AWS's query API that anybody can sign who knows the emulator's credentials."""
    credentials = Credentials(*CREDENTIALS)
    query = urlencode({"Action": action, "Version": "2010-03-31", **parameters})
    request = AWSRequest("GET", f"{aws.endpoint}/?{query}")
    SigV4QueryAuth(credentials, service, "us-east-1").add_auth(request)
    return request.prepare().url.partition("?")[2]


NO_ORIGIN = [{"Origin": None, "Sec-Fetch-Site": site} for site in ("cross-site", "same-site")]


def test_stages_of_apis_answer_every_page(api, is_answered):
    assert is_answered("/dev/", f"{api}.execute-api.localhost")
    assert is_answered(f"/_aws/execute-api/{api}/dev/")
    assert all(is_answered("/dev/", f"{api}.execute-api.localhost", headers=headers) for headers in NO_ORIGIN)


@pytest.mark.parametrize("headers", [{}, *NO_ORIGIN], ids=["origin", "cross-site", "same-site"])
def test_no_address_of_an_api_or_site_leads_to_the_emulator_itself(aws, api, is_answered, headers):
    hosts = [f"{api}.execute-api.localhost", "aaaaaaaa.execute-api.localhost", "it.cloudfront.localhost", "localhost"]
    for host in hosts:
        for method in ("GET", "POST"):
            assert not is_answered("/_ministack/reset", host, method, headers)
            assert not is_answered("/_ministack/config", host, method, headers)
        assert not is_answered(f"/?{presigned(aws)}", host, headers=headers)
    for path in ("", api, f"{api}/", f"{api}/other/"):
        assert not is_answered(f"/_aws/execute-api/{path}?{presigned(aws)}", headers=headers)


def test_a_query_to_aws_through_a_stage_reaches_the_api_alone(aws, api, emulator):
    for path, host in [("/dev/", f"{api}.execute-api.localhost"), (f"/_aws/execute-api/{api}/dev/", "localhost")]:
        answer = httpx.get(f"{emulator.endpoint}{path}?{presigned(aws)}", headers={"Host": host}, trust_env=False)
        assert "ListTopics" not in answer.text


def test_links_to_the_site_and_to_the_hosted_sign_in_are_followed(is_answered):
    for headers in NO_ORIGIN:
        assert is_answered("/index.html", "it.cloudfront.localhost", headers=headers)
        assert is_answered("/oauth2/authorize?client_id=it", headers=headers)
        assert not is_answered("/oauth2/token", headers=headers)
        assert not is_answered("/index.html", "it.cloudfront.localhost", "POST", headers)


@pytest.mark.parametrize("allowed", ["*", ELSEWHERE])
def test_a_buckets_rules_open_nothing_but_the_bucket(aws, is_answered, allowed):
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="open")
    rule = {"AllowedMethods": ["GET", "POST", "PUT"], "AllowedOrigins": [allowed]}
    s3.put_bucket_cors(Bucket="open", CORSConfiguration={"CORSRules": [rule]})

    assert is_answered("/open/it")
    assert is_answered("/it", "open.s3.localhost")
    assert not is_answered("/_ministack/reset", "open.s3.localhost", "POST")
    assert not is_answered(f"/open?{presigned(aws)}")
    assert not is_answered("/open", method="POST", data={"Action": "ListTopics"})
    assert not is_answered("/open", method="POST", headers={"X-Amz-Target": "DynamoDB_20120810.ListTables"})
    scope = "Credential=test/20260101/dynamodb/aws4_request"
    assert not is_answered("/open", headers={"Authorization": f"AWS4-HMAC-SHA256 {scope}"})


def test_a_bucket_decides_by_its_cors_rules(aws, emulator):
    s3 = aws.client("s3")
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": [ELSEWHERE]}
    for name in ("with-cors", "without-cors"):
        s3.create_bucket(Bucket=name)
        s3.put_object(Bucket=name, Key="it", Body=b"it")
    s3.put_bucket_cors(Bucket="with-cors", CORSConfiguration={"CORSRules": [rule]})

    def get(bucket, origin):
        url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "it"})
        return httpx.get(url, headers={"Origin": origin}, trust_env=False).status_code

    assert get("with-cors", ELSEWHERE) == 200
    assert get("with-cors", "https://another.example") == 403
    assert get("without-cors", ELSEWHERE) == 403


def test_web_sockets_are_checked_too(emulator):
    address = emulator.endpoint.replace("http", "ws")

    with pytest.raises(InvalidStatus) as refused, connect(f"{address}/event/realtime", origin=ELSEWHERE):
        pass

    assert refused.value.response.status_code == 403


def test_the_message_is_json(emulator):
    answer = httpx.get(emulator.endpoint, headers={"Host": "elsewhere.example"}, trust_env=False)

    assert "only this machine" in json.loads(answer.text)["message"]


@pytest.mark.parametrize("url", ["//[", "//\x00", "http://[::"])
def test_an_unreadable_address_has_no_host(url):
    assert _host(url) in ("", "\x00")
