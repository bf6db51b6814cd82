"""Addresses of AWS services, or of an emulator that replaces AWS.

An emulator is one server for all services; `emulator_url` is its URL, e.g. `http://localhost:4566`.
"""

from collections.abc import Mapping
from typing import NotRequired, TypedDict
from urllib.parse import urlsplit

import pulumi

from .account import Account
from .iam import Grant


def configured_emulator() -> str:
    """URL of the emulator that the stack's `aws:endpoints` name for all services, or `""` for AWS."""
    endpoints = pulumi.Config("aws").get_object("endpoints", [])
    urls = {str(url) for entry in endpoints for url in entry.values()}
    return urls.pop() if len(urls) == 1 else ""


class Origin(TypedDict):
    """Where a CDN fetches content that is not in its cache."""

    domain_name: pulumi.Input[str]
    """Host name of the origin."""

    path: NotRequired[pulumi.Input[str]]
    """Prefix added to the path of each request. Default: none."""

    http_port: NotRequired[int]
    """HTTP port. Default: 80."""

    protocol: str
    """`https-only` or `http-only`."""
    headers: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Headers that the CDN adds to origin requests, by name. Default: none."""


class Addresses:
    """Addresses in an account and a region, of AWS (`emulator_url` empty) or of an emulator."""

    def __init__(self, account: Account, emulator_url: str = "") -> None:
        self._account = account
        self._emulator = urlsplit(emulator_url) if emulator_url else None

    def api_url(self, api_id: pulumi.Input[str], stage_name: str) -> pulumi.Output[str]:
        """Base URL of an API stage, with a trailing `/`."""
        if self._emulator:
            return pulumi.Output.format("http://{0}.execute-api.{1}/{2}/", api_id, self._emulator.netloc, stage_name)
        return pulumi.Output.format("https://{0}/{1}/", self._api_host(api_id), stage_name)

    def api_origin(self, api_id: pulumi.Input[str], headers: Mapping[str, pulumi.Input[str]] | None = None) -> Origin:
        """An API as an origin. The CDN forwards the path unchanged: it starts with the stage name."""
        if self._emulator:
            return {
                "domain_name": self._emulator.hostname or "",
                "path": pulumi.Output.concat("/_aws/execute-api/", api_id),
                "http_port": self._emulator.port or 80,
                "protocol": "http-only",
                "headers": headers or {},
            }
        return {"domain_name": self._api_host(api_id), "protocol": "https-only", "headers": headers or {}}

    def site_host(self, distribution_domain: pulumi.Input[str]) -> pulumi.Output[str]:
        """Host name of a CloudFront distribution. AWS returns its `domain_name` as `<label>.cloudfront.net`."""
        domain = pulumi.Output.from_input(distribution_domain)
        if self._emulator:
            hostname = self._emulator.hostname
            return domain.apply(lambda name: f"{name.partition('.')[0]}.cloudfront.{hostname}")
        return domain

    def site_url(self, distribution_domain: pulumi.Input[str]) -> pulumi.Output[str]:
        """URL of the site behind a distribution, with a trailing `/`."""
        host = self.site_host(distribution_domain)
        if self._emulator:
            return pulumi.Output.concat("http://", host, f":{self._emulator.port or 80}/")
        return pulumi.Output.concat("https://", host, "/")

    def event_url(self, host: pulumi.Input[str]) -> pulumi.Output[str]:
        """URL that events are published to, from the `HTTP` host name of an event API."""
        return pulumi.Output.format("{0}://{1}/event", "http" if self._emulator else "https", host)

    def reachable_event_url(self, host: pulumi.Input[str]) -> pulumi.Output[str]:
        """The same URL as functions reach it: they cannot resolve the emulator's names for event APIs."""
        if self._emulator:
            return pulumi.Output.from_input(f"{self._emulator.geturl()}/event")
        return self.event_url(host)

    def realtime_origin(self, host: pulumi.Input[str]) -> pulumi.Output[str]:
        """Origin of the WebSocket URL that clients subscribe at, from the `REALTIME` host name of an event API."""
        return pulumi.Output.format("{0}://{1}", "ws" if self._emulator else "wss", host)

    def key_set(self, user_pool_endpoint: pulumi.Input[str]) -> pulumi.Output[str]:
        """URL of a user pool's JSON web key set. The pool's `endpoint` is `<host>/<pool id>`."""
        endpoint = pulumi.Output.from_input(user_pool_endpoint)
        if self._emulator:
            base = self._emulator.geturl()
            return endpoint.apply(lambda e: f"{base}/{e.rpartition('/')[2]}/.well-known/jwks.json")
        return pulumi.Output.concat("https://", endpoint, "/.well-known/jwks.json")

    def hosted_pages(self, user_pool_domain: pulumi.Input[str]) -> pulumi.Output[str]:
        """URL of Cognito's hosted pages for a domain prefix."""
        if self._emulator:
            return pulumi.Output.from_input(self._emulator.geturl())
        return pulumi.Output.format("https://{0}.auth.{1}.amazoncognito.com", user_pool_domain, self._account.region)

    def cognito(self) -> pulumi.Output[str]:
        """URL of the Cognito user pools API."""
        if self._emulator:
            return pulumi.Output.from_input(self._emulator.geturl())
        return pulumi.Output.format("https://cognito-idp.{0}.{1}", self._account.region, self._account.dns_suffix)

    def mail_grant(self, address: str) -> Grant:
        """The permission to send mail from an address.

        SES also checks the identities of the recipients: a recipient who is verified too would be refused if the
        policy named only the sender's identity (SES developer guide, "Identity and access management").
        """
        if self._emulator:
            # The emulator checks permission on `*`, and does not know the condition key.
            return {"actions": ["ses:SendEmail"], "resources": ["*"]}
        return {
            "actions": ["ses:SendEmail"],
            "resources": [self._account.arn("ses", "identity/*")],
            "condition": {"StringEquals": {"ses:FromAddress": address}},
        }

    def bucket_origin(self, bucket: pulumi.Input[str]) -> pulumi.Output[str]:
        """Origin of the presigned URLs of a bucket's objects."""
        if self._emulator:
            # The functions that sign run next to the emulator and use another name for it.
            return pulumi.Output.from_input(f"http://127.0.0.1:{self._emulator.port or 80}")
        return pulumi.Output.format("https://{0}.s3.{1}.{2}", bucket, self._account.region, self._account.dns_suffix)

    @property
    def bucket_addressing(self) -> str:
        """Position of the bucket name in its URL: `virtual` (in the host) or `path`."""
        return "path" if self._emulator else "virtual"

    def _api_host(self, api_id: pulumi.Input[str]) -> pulumi.Output[str]:
        return pulumi.Output.format("{0}.execute-api.{1}.{2}", api_id, self._account.region, self._account.dns_suffix)
