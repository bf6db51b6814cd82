"""Hosting of the web app: a private bucket for its files, and a distribution that also routes to the API.

`site/deploy.py` publishes the files, in an order that keeps the site working; resources have no such order.
"""

import io

import pulumi
import pulumi_aws as aws
import segno

from ..blocks.account import Account
from ..blocks.addresses import Addresses, configured_emulator
from ..blocks.bucket import block_public_access, enable_versioning
from ..blocks.iam import Statement
from .args import StaticSiteArgs
from .distribution import make_distribution
from .files import IMMUTABLE, REVALIDATED, check, content_type, files_of


class StaticSite(pulumi.ComponentResource):
    """Bucket, distribution, settings file, and `/qr.svg`, a QR code of the site's address. Only the distribution can
    read the bucket."""

    bucket_name: pulumi.Output[str]
    """Name of the bucket that the files are published to."""
    distribution_id: pulumi.Output[str]
    """ID of the distribution, for cache invalidations."""
    distribution_arn: pulumi.Output[str]
    """ARN of the distribution, for log delivery."""
    distribution_host: pulumi.Output[str]
    """CloudFront domain name of the distribution, for alias records."""
    distribution_zone_id: pulumi.Output[str]
    """ID of the hosted zone of that name, for alias records."""
    host: pulumi.Output[str]
    """Host name of the site."""
    url: pulumi.Output[str]
    """URL of the site, with a trailing `/`."""

    def __init__(self, name: str, args: StaticSiteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:StaticSite", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)

        check(args)
        protect = args.get("protect", False)
        emulator_url = args.get("emulator_url", configured_emulator())
        addresses = Addresses(Account(self), emulator_url)
        self._bucket = aws.s3.Bucket(
            f"{name}-web",
            # The published files are not part of the stack and would block its deletion.
            force_destroy=not protect,
            opts=pulumi.ResourceOptions(parent=self, protect=protect),
        )
        enable_versioning(f"{name}-web", self._bucket.bucket, self)
        distribution = make_distribution(name, args, self._bucket.bucket_regional_domain_name, self)
        statements = [self._allow_read(distribution)]
        block_public_access(f"{name}-web", self._bucket, self, tls_only=not emulator_url, statements=statements)

        self.bucket_name = self._bucket.bucket
        self.distribution_id = distribution.id
        self.distribution_arn = distribution.arn
        self.distribution_host = distribution.domain_name
        self.distribution_zone_id = distribution.hosted_zone_id
        domain = args.get("domain")
        if domain:
            self.host = pulumi.Output.from_input(domain["name"])
            self.url = pulumi.Output.concat("https://", domain["name"], "/")
        else:
            self.host = addresses.site_host(distribution.domain_name)
            self.url = addresses.site_url(distribution.domain_name)
        files = dict(files_of(args.get("folder")))
        for path, file in files.items():
            self._write(path, file, content_type(path), IMMUTABLE if "assets" in path.split("/")[:-1] else REVALIDATED)
        # For signs and screens in the room.
        if "qr.svg" not in files:
            self._write("qr.svg", self.url.apply(_qr_code), "image/svg+xml")
        self.outputs: dict[str, pulumi.Output[str]] = {
            "webappBucketName": self.bucket_name,
            "webappDnsUrl": self.host,
            "webappUrl": self.url,
            "distributionId": self.distribution_id,
        }
        """Stack outputs."""
        self.register_outputs({"bucket_name": self.bucket_name, "url": self.url})

    def write_settings(self, settings: pulumi.Input[dict[str, object]]) -> None:
        """Write `/api.json`, the web app's configuration."""
        self._write("api.json", pulumi.Output.json_dumps(settings), "application/json")

    def _write(
        self, path: str, content: pulumi.Input[str] | pulumi.Asset, content_type: str, cache_control: str = REVALIDATED
    ) -> None:
        """Write a file that the stack publishes."""
        text, source = (None, content) if isinstance(content, pulumi.Asset) else (content, None)
        aws.s3.BucketObjectv2(
            f"{self._name}-{path}",
            bucket=self._bucket.bucket,
            key=path,
            content=text,
            source=source,
            content_type=content_type,
            cache_control=cache_control,
            opts=self._child,
        )

    def _allow_read(self, distribution: aws.cloudfront.Distribution) -> Statement:
        """The bucket policy statement that lets only the distribution read the files."""
        return {
            "Sid": "TheDistributionReads",
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": pulumi.Output.concat(self._bucket.arn, "/*"),
            "Condition": {"StringEquals": {"AWS:SourceArn": distribution.arn}},
        }


def _qr_code(text: str) -> str:
    """A QR code as an SVG, with the quiet zone around it."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", xmldecl=False, scale=8, light="#fff")
    return out.getvalue().decode()
