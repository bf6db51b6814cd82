"""Addresses on AWS and on an emulator."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pytest

from components.blocks.addresses import Addresses
from tests.components.recorder import fixed_account, record

ACCOUNT = fixed_account(region="eu-central-1", id="123")
AWS = Addresses(ACCOUNT)
EMULATOR = Addresses(ACCOUNT, "http://localhost:4567")


def resolved(value: Callable[[], Any]) -> Any:
    """The value of an output after the program has run."""
    return record(lambda: pulumi.export("value", value())).outputs["value"]


@pytest.mark.parametrize(
    ("addresses", "url"),
    [
        (AWS, "https://abc.execute-api.eu-central-1.amazonaws.com/v2/"),
        (EMULATOR, "http://abc.execute-api.localhost:4567/v2/"),
    ],
)
def test_api_url(addresses: Addresses, url: str) -> None:
    assert resolved(lambda: addresses.api_url("abc", "v2")) == url


@pytest.mark.parametrize(
    ("addresses", "origin"),
    [
        (AWS, {"domain_name": "abc.execute-api.eu-central-1.amazonaws.com", "protocol": "https-only", "headers": {}}),
        (
            EMULATOR,
            {
                "domain_name": "localhost",
                "path": "/_aws/execute-api/abc",
                "http_port": 4567,
                "protocol": "http-only",
                "headers": {},
            },
        ),
    ],
)
def test_api_origin(addresses: Addresses, origin: Mapping[str, object]) -> None:
    assert resolved(lambda: addresses.api_origin("abc")) == origin


def test_bucket_origin() -> None:
    assert resolved(lambda: AWS.bucket_origin("photos")) == "https://photos.s3.eu-central-1.amazonaws.com"
    assert resolved(lambda: EMULATOR.bucket_origin("photos")) == "http://127.0.0.1:4567"


@pytest.mark.parametrize(
    ("addresses", "host", "url"),
    [
        (AWS, "d1.cloudfront.net", "https://d1.cloudfront.net/"),
        (EMULATOR, "d1.cloudfront.localhost", "http://d1.cloudfront.localhost:4567/"),
    ],
)
def test_site(addresses: Addresses, host: str, url: str) -> None:
    assert resolved(lambda: addresses.site_host("d1.cloudfront.net")) == host
    assert resolved(lambda: addresses.site_url("d1.cloudfront.net")) == url


@pytest.mark.parametrize(
    ("addresses", "url"),
    [
        (AWS, "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_x/.well-known/jwks.json"),
        (EMULATOR, "http://localhost:4567/eu-central-1_x/.well-known/jwks.json"),
    ],
)
def test_key_set(addresses: Addresses, url: str) -> None:
    assert resolved(lambda: addresses.key_set("cognito-idp.eu-central-1.amazonaws.com/eu-central-1_x")) == url


@pytest.mark.parametrize(
    ("addresses", "url"),
    [(AWS, "https://cafe.auth.eu-central-1.amazoncognito.com"), (EMULATOR, "http://localhost:4567")],
)
def test_hosted_pages(addresses: Addresses, url: str) -> None:
    assert resolved(lambda: addresses.hosted_pages("cafe")) == url


def test_output_arguments_are_resolved() -> None:
    def later(text: str) -> pulumi.Output[str]:
        return pulumi.Output.from_input(text).apply(str.lower)

    assert resolved(lambda: Addresses(fixed_account(region=later("EU-WEST-1"))).api_url(later("ABC"), "dev")) == (
        "https://abc.execute-api.eu-west-1.amazonaws.com/dev/"
    )
    assert resolved(lambda: EMULATOR.site_url(later("D1.CLOUDFRONT.NET"))) == "http://d1.cloudfront.localhost:4567/"


def test_mail_may_go_to_verified_recipients_too() -> None:
    """SES also checks the identity of a recipient who is verified."""
    grant = resolved(lambda: pulumi.Output.from_input(dict(AWS.mail_grant("cafe@example.com"))))

    assert grant["resources"] == ["arn:aws:ses:eu-central-1:123:identity/*"]
    assert grant["condition"] == {"StringEquals": {"ses:FromAddress": "cafe@example.com"}}


def test_the_emulator_checks_mail_on_any_resource() -> None:
    assert EMULATOR.mail_grant("cafe@example.com") == {"actions": ["ses:SendEmail"], "resources": ["*"]}
