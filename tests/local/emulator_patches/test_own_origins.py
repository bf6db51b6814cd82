"""The emulator patch that refuses pages that are not the run's own."""

import json

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

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


@pytest.mark.parametrize(
    ("path", "host"), [("/_aws/execute-api/{}/dev/", "localhost"), ("/dev/", "{}.execute-api.localhost")]
)
def test_apis_answer_every_origin(aws, emulator, path, host):
    api = aws.client("apigateway").create_rest_api(name=host.replace("{}", "api"))["id"]
    headers = {"Host": host.format(api), "Origin": ELSEWHERE}

    answer = httpx.get(emulator.endpoint + path.format(api), headers=headers, trust_env=False)

    assert "only this machine" not in answer.text


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
