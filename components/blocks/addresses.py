"""The addresses at which things are reached: AWS's own, or those of an emulator that stands in for AWS.

An emulator is one server that answers for all services; `emulator_url` is its address, e.g. `http://localhost:4566`.
"""

from collections.abc import Mapping
from typing import NotRequired, TypedDict
from urllib.parse import urlsplit

import pulumi


class Origin(TypedDict):
    """Where a CDN fetches what it does not hold."""

    domain_name: pulumi.Input[str]
    """Its host name."""

    path: NotRequired[pulumi.Input[str]]
    """What is put before the path of each request. Default: nothing."""

    http_port: NotRequired[int]
    """The port of plain http. Default: 80."""

    protocol: str
    """`https-only` or `http-only`."""
    headers: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Headers that the CDN adds to what it asks the origin, by name. Default: none."""


class Addresses:
    """Addresses in one region, of AWS (`emulator_url` empty) or of an emulator."""

    def __init__(self, region: pulumi.Input[str], emulator_url: str = "") -> None:
        self._region = region
        self._emulator = urlsplit(emulator_url) if emulator_url else None

    def api_url(self, api_id: pulumi.Input[str], stage_name: str) -> pulumi.Output[str]:
        """The base address of an API's stage; it ends in `/`."""
        if self._emulator:
            return pulumi.Output.format("http://{0}.execute-api.{1}/{2}/", api_id, self._emulator.netloc, stage_name)
        return pulumi.Output.format("https://{0}/{1}/", self._api_host(api_id), stage_name)

    def api_origin(self, api_id: pulumi.Input[str], headers: Mapping[str, pulumi.Input[str]] | None = None) -> Origin:
        """An API as  as an origin. The CDN sends the path as it is: it begins with the stage's name."""
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
        """The host name of a CloudFront distribution, whose `domain_name` AWS gives as `<label>.cloudfront.net`."""
        domain = pulumi.Output.from_input(distribution_domain)
        if self._emulator:
            hostname = self._emulator.hostname
            return domain.apply(lambda name: f"{name.partition('.')[0]}.cloudfront.{hostname}")
        return domain

    def site_url(self, distribution_domain: pulumi.Input[str]) -> pulumi.Output[str]:
        """The address of the site behind a distribution; it ends in `/`."""
        host = self.site_host(distribution_domain)
        if self._emulator:
            return pulumi.Output.concat("http://", host, f":{self._emulator.port or 80}/")
        return pulumi.Output.concat("https://", host, "/")

    def key_set(self, user_pool_endpoint: pulumi.Input[str]) -> pulumi.Output[str]:
        """The JSON web key set of a user pool, whose `endpoint` is `<host>/<pool id>`."""
        endpoint = pulumi.Output.from_input(user_pool_endpoint)
        if self._emulator:
            base = self._emulator.geturl()
            return endpoint.apply(lambda e: f"{base}/{e.rpartition('/')[2]}/.well-known/jwks.json")
        return pulumi.Output.concat("https://", endpoint, "/.well-known/jwks.json")

    def hosted_pages(self, user_pool_domain: pulumi.Input[str]) -> pulumi.Output[str]:
        """The address of Cognito's hosted pages under a domain prefix."""
        if self._emulator:
            return pulumi.Output.from_input(self._emulator.geturl())
        return pulumi.Output.format("https://{0}.auth.{1}.amazoncognito.com", user_pool_domain, self._region)

    def cognito(self) -> pulumi.Output[str]:
        """The address of Cognito's own API for user pools."""
        if self._emulator:
            return pulumi.Output.from_input(self._emulator.geturl())
        return pulumi.Output.format("https://cognito-idp.{0}.amazonaws.com", self._region)

    def mail_identity(self, account: pulumi.Input[str], address: str) -> pulumi.Output[str]:
        """The ARN of an e-mail address as an identity of SES, for a policy: who may send from it."""
        if self._emulator:
            # The emulator looks whether one may send from `*`, whatever address it is.
            return pulumi.Output.from_input("*")
        return pulumi.Output.format("arn:aws:ses:{0}:{1}:identity/{2}", self._region, account, address)

    def bucket_origin(self, bucket: pulumi.Input[str]) -> pulumi.Output[str]:
        """The origin of the addresses that are signed for a bucket's objects."""
        if self._emulator:
            # Functions, which sign, run beside it, and know it by another name.
            return pulumi.Output.from_input(f"http://127.0.0.1:{self._emulator.port or 80}")
        return pulumi.Output.format("https://{0}.s3.{1}.amazonaws.com", bucket, self._region)

    @property
    def bucket_addressing(self) -> str:
        """Where the name of a bucket stands in its address: `virtual`, in the host, or `path`."""
        return "path" if self._emulator else "virtual"

    def _api_host(self, api_id: pulumi.Input[str]) -> pulumi.Output[str]:
        return pulumi.Output.format("{0}.execute-api.{1}.amazonaws.com", api_id, self._region)
