"""The emulator patch that makes event APIs authorize as AppSync does."""

import io
import itertools
import json
import zipfile

import pytest
from botocore.exceptions import ClientError

from local.emulator_patches.event_api import _channel_problem, _matches, parsed
from tests.local.screen import Refused, connected

ROLE = "arn:aws:iam::000000000000:role/any"
TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:*"}]}
DECIDES = """
def handler(event, context):
    request = event["requestContext"]
    if event["authorizationToken"] == "broken":
        raise ValueError("it")
    connects = request["operation"] == "EVENT_CONNECT"
    return {"isAuthorized": connects or request["channel"] == "/it/open", "ttlOverride": %s}
"""
numbers = itertools.count()


@pytest.fixture
def event_api(aws):
    """Creates an event API whose authorizer lets everyone connect, and subscribe to `/it/open` only."""
    client, functions, iam = aws.client("appsync"), aws.client("lambda"), aws.client("iam")

    def make(ttl=0, *, allowed=True):
        name = f"events-{next(numbers)}"
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("it.py", DECIDES % ttl)
        arn = functions.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=role,
            Handler="it.handler",
            Code={"ZipFile": archive.getvalue()},
        )["FunctionArn"]
        by_token, by_iam = [{"authType": "AWS_LAMBDA"}], [{"authType": "AWS_IAM"}]
        api = client.create_api(
            name=name,
            eventConfig={
                "authProviders": [
                    {"authType": "AWS_LAMBDA", "lambdaAuthorizerConfig": {"authorizerUri": arn}},
                    {"authType": "AWS_IAM"},
                ],
                "connectionAuthModes": by_token,
                "defaultPublishAuthModes": by_iam,
                "defaultSubscribeAuthModes": by_token,
            },
        )["api"]
        client.create_channel_namespace(
            apiId=api["apiId"], name="it", subscribeAuthModes=by_token, publishAuthModes=by_iam
        )
        if allowed:
            functions.add_permission(
                FunctionName=name,
                StatementId="it",
                Action="lambda:InvokeFunction",
                Principal="appsync.amazonaws.com",
                SourceArn=api["apiArn"],
            )
        dns = api["dns"]
        return {
            "liveHttpUrl": f"http://{dns['HTTP']}/event",
            "liveRealtimeUrl": f"ws://{dns['REALTIME']}/event/realtime",
        }

    return make


def test_a_subscription_is_authorized_for_its_channel(event_api):
    with connected(event_api(), "it") as screen:
        screen.subscribe("/it/open", "it")
        with pytest.raises(Refused, match="UnauthorizedException"):
            screen.subscribe("/it/closed", "it")


def test_a_cached_answer_counts_for_the_tokens_other_channels(event_api):
    """AWS does not say that it does not: so the café's answers are not cached."""
    with connected(event_api(ttl=60), "it") as screen:
        screen.subscribe("/it/closed", "it")


def test_an_authorizer_that_appsync_may_not_call_denies(event_api):
    with pytest.raises(Refused, match="UnauthorizedException"), connected(event_api(allowed=False), "it"):
        pass


def test_a_failing_authorizer_is_no_denial(event_api):
    with pytest.raises(Refused, match="AuthorizerFailureException"), connected(event_api(), "broken"):
        pass


@pytest.mark.parametrize("mode", ["AMAZON_COGNITO_USER_POOLS", "OPENID_CONNECT"])
def test_modes_that_cannot_be_verified_are_refused(aws, mode):
    modes = [{"authType": mode}]
    config = {
        "authProviders": modes,
        "connectionAuthModes": modes,
        "defaultPublishAuthModes": modes,
        "defaultSubscribeAuthModes": modes,
    }
    with pytest.raises(ClientError, match=f"cannot verify {mode}"):
        aws.client("appsync").create_api(name="it", eventConfig=config)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"isAuthorized": True}, (True, 9)),
        ({"isAuthorized": True, "ttlOverride": 0}, (True, 0)),
        ({"isAuthorized": False, "handlerContext": {"a": "b"}}, (False, 9)),
        ({"isAuthorized": "true"}, (False, 0)),
        ({"isAuthorized": 1}, (False, 0)),
        ({"isAuthorized": True, "ttlOverride": "0"}, (False, 0)),
        ({"isAuthorized": True, "ttlOverride": 3601}, (False, 0)),
        ({"isAuthorized": True, "handlerContext": {"a": 1}}, (False, 0)),
        ({"isAuthorized": True, "handlerContext": ["a"]}, (False, 0)),
        ({}, (False, 0)),
        ([], (False, 0)),
        (None, (False, 0)),
        (True, (False, 0)),
    ],
)
def test_only_answers_with_the_documented_types_allow(answer, expected):
    assert parsed(answer, 9) == parsed(json.dumps(answer), 9) == expected


def test_channels_and_patterns():
    valid = ["/it", "it", "/it/a/b/c/d", "/it/A-1/", "/" + "a" * 50]
    invalid = [
        "",
        "/",
        "//it",
        "/it//a",
        "/it/-a",
        "/it/a_b",
        "/it/é",
        "/" + "a" * 51,
        "/a/b/c/d/e/f",
        "/it/*",
        7,
        None,
    ]

    assert [each for each in valid if _channel_problem(each, allow_wildcard=False)] == []
    assert [each for each in invalid if not _channel_problem(each, allow_wildcard=False)] == []
    assert _channel_problem("/it/*", allow_wildcard=True) is None
    assert _channel_problem("/it/*/a", allow_wildcard=True)


def test_a_pattern_matches_all_levels_below():
    assert _matches("/it/a", "/it/*")
    assert _matches("/it/a/b", "it/*")
    assert not _matches("/it", "/it/*")
    assert not _matches("/other/a", "/it/*")
    assert _matches("/it/a/", "it/a")
    assert not _matches("/it/a/b", "/it/a")
