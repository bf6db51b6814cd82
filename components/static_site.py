"""Where the web app is: a private bucket for its files, and a CDN before it that also leads to the API.

The files are published by `site/deploy.py`, in an order that keeps the site working: resources have none.
"""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .blocks.addresses import Addresses, Origin
from .blocks.bucket import close_bucket, keep_versions
from .blocks.iam import Statement

CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
"""Ids of policies that CloudFront manages; they are the same in every account (CloudFront's developer guide, "Use
managed cache policies" and "Use managed origin request policies")."""

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "manifest", "worker")),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
"""What a page may load, and from where. `StaticSite` adds what it may talk to and what it may show."""

TLS_POLICY = "TLSv1.2_2021"
"""TLS 1.2 or better with forward secrecy, and no ciphers that are out of date (CloudFront's developer guide, "Supported
protocols and ciphers between viewers and CloudFront")."""

HSTS_SECONDS = 2 * 365 * 24 * 3600

ALL_METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
READ_METHODS = ["GET", "HEAD"]


class SiteDomain(TypedDict):
    """A name of one's own for the site."""

    name: str
    """The host name, e.g. `cafe.example.com`. A record that leads to the distribution is the caller's to make."""

    certificate_arn: pulumi.Input[str]
    """A valid certificate for it, in us-east-1, where CloudFront looks for them."""


class ApiBehind(TypedDict):
    """An API behind the site's CDN, on the site's own origin."""

    origin: Origin
    """Where it answers."""

    path: str
    """Its base path, on the site as at the origin, e.g. `/dev/`."""


class StaticSiteArgs(TypedDict):
    """Inputs of `StaticSite`."""

    api: NotRequired[ApiBehind]
    """An API that answers below a path of the site. Default: none, the site is files."""

    connect_origins: NotRequired[Sequence[pulumi.Input[str]]]
    """Origins besides its own that the pages talk to, e.g. `https://api.example.com`. Default: none."""

    image_origins: NotRequired[Sequence[pulumi.Input[str]]]
    """Origins besides its own that the pages show pictures of. Default: none."""

    viewer_protocol_policy: NotRequired[str]
    """What the CDN does with plain http: `redirect-to-https`, or `allow-all` where there is no https. Default: the
    first."""

    emulator_url: NotRequired[str]
    """The address of an emulator that stands in for AWS, as `http://HOST:PORT`. Default: none, it is AWS."""

    protect: NotRequired[bool]
    """Whether the bucket is kept from being deleted. If not, it is deleted with all that is in it, which can be
    published again. Default: no."""

    price_class: NotRequired[str]
    """From which of its places in the world CloudFront answers: `PriceClass_100`, `PriceClass_200` or
    `PriceClass_All`. Default: CloudFront's own, which is all of them."""

    domain: NotRequired[SiteDomain | None]
    """The site's own name. Default: the one that CloudFront gives."""

    web_acl_arn: NotRequired[pulumi.Input[str] | None]
    """The web ACL that requests pass first, of scope `CLOUDFRONT`. Default: none."""


class Behaviour(TypedDict):
    """What all paths of the distribution have in common."""

    viewer_protocol_policy: str
    response_headers_policy_id: pulumi.Output[str]
    cached_methods: list[str]
    compress: bool


class StaticSite(pulumi.ComponentResource):
    """Bucket, settings, distribution. Only the distribution can read the bucket."""

    bucket_name: pulumi.Output[str]
    """The bucket that the files are published to."""
    distribution_id: pulumi.Output[str]
    """The CDN's id, by which it is told to forget old files."""
    distribution_arn: pulumi.Output[str]
    """Its ARN, for those who deliver its logs."""
    distribution_host: pulumi.Output[str]
    """The name that CloudFront gives, for a record that leads there."""
    distribution_zone_id: pulumi.Output[str]
    """The hosted zone of that name, for the same."""
    host: pulumi.Output[str]
    """Host name of the site."""
    url: pulumi.Output[str]
    """Whole URL of the site, with a `/` at its end."""

    def __init__(self, name: str, args: StaticSiteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:StaticSite", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)

        protect = args.get("protect", False)
        emulator_url = args.get("emulator_url", "")
        addresses = Addresses(aws.get_region_output().region, emulator_url)
        self._bucket = aws.s3.Bucket(
            f"{name}-web",
            # What was published into it is not the stack's, and would keep it from being deleted.
            force_destroy=not protect,
            opts=pulumi.ResourceOptions(parent=self, protect=protect),
        )
        keep_versions(f"{name}-web", self._bucket.bucket, self)
        self._let_others_read()
        distribution = self._distribution(args)
        statements = [self._let_read(distribution)]
        close_bucket(f"{name}-web", self._bucket, self, tls_only=not emulator_url, statements=statements)

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
        self.outputs: dict[str, pulumi.Output[str]] = {
            "webappBucketName": self.bucket_name,
            "webappDnsUrl": self.host,
            "webappUrl": self.url,
            "distributionId": self.distribution_id,
        }
        """What a stack exports of it."""
        self.register_outputs({"bucket_name": self.bucket_name, "url": self.url})

    def write_settings(self, settings: pulumi.Input[dict[str, object]]) -> None:
        """Write `/api.json`, from which the web app learns where its API is."""
        aws.s3.BucketObjectv2(
            f"{self._name}-api.json",
            bucket=self._bucket.bucket,
            key="api.json",
            content=pulumi.Output.json_dumps(settings),
            content_type="application/json",
            # Kept, but asked about each time.
            cache_control="no-cache",
            opts=self._child,
        )

    def _let_others_read(self) -> None:
        """CORS for reading."""
        aws.s3.BucketCorsConfiguration(
            f"{self._name}-web-cors",
            bucket=self._bucket.bucket,
            cors_rules=[
                {
                    "allowed_methods": READ_METHODS,
                    "allowed_origins": ["*"],
                    "allowed_headers": ["*"],
                    "max_age_seconds": 3600,
                }
            ],
            opts=self._child,
        )

    def _let_read(self, distribution: aws.cloudfront.Distribution) -> Statement:
        """The statement of the bucket's policy by which the distribution, and nobody else, reads the files."""
        return {
            "Sid": "TheDistributionReads",
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": pulumi.Output.concat(self._bucket.arn, "/*"),
            "Condition": {"StringEquals": {"AWS:SourceArn": distribution.arn}},
        }

    def _distribution(self, args: StaticSiteArgs) -> aws.cloudfront.Distribution:
        name, domain = self._name, args.get("domain")
        access = aws.cloudfront.OriginAccessControl(
            f"{name}-web",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=self._child,
        )
        behaviour: Behaviour = {
            "viewer_protocol_policy": args.get("viewer_protocol_policy", "redirect-to-https"),
            "response_headers_policy_id": self._headers_policy(args).id,
            "cached_methods": READ_METHODS,
            "compress": True,
        }
        files = aws.cloudfront.DistributionDefaultCacheBehaviorArgs(
            **behaviour,
            target_origin_id="site",
            allowed_methods=READ_METHODS,
            cache_policy_id=CACHING_OPTIMIZED,
        )
        apis = [args["api"]] if "api" in args else []
        return aws.cloudfront.Distribution(
            f"{name}-cdn",
            enabled=True,
            aliases=[domain["name"]] if domain else None,
            price_class=args.get("price_class"),
            web_acl_id=args.get("web_acl_arn"),
            comment=name,
            default_root_object="index.html",
            http_version="http2and3",
            is_ipv6_enabled=True,
            origins=[
                {
                    "origin_id": "site",
                    "domain_name": self._bucket.bucket_regional_domain_name,
                    "origin_access_control_id": access.id,
                },
                *(api_origin(api["origin"]) for api in apis),
            ],
            default_cache_behavior=files,
            ordered_cache_behaviors=[
                aws.cloudfront.DistributionOrderedCacheBehaviorArgs(
                    **behaviour,
                    path_pattern=f"{api['path']}*",
                    target_origin_id="api",
                    allowed_methods=ALL_METHODS,
                    cache_policy_id=CACHING_DISABLED,
                    origin_request_policy_id=ALL_VIEWER_EXCEPT_HOST_HEADER,
                )
                for api in apis
            ],
            restrictions={"geo_restriction": {"restriction_type": "none"}},
            viewer_certificate=viewer_certificate(domain),
            opts=self._child,
        )

    def _headers_policy(self, args: StaticSiteArgs) -> aws.cloudfront.ResponseHeadersPolicy:
        content_security_policy = pulumi.Output.concat(
            CONTENT_SECURITY_POLICY,
            *("; connect-src 'self'", *_spaced(args.get("connect_origins", []))),
            *("; img-src 'self'", *_spaced(args.get("image_origins", []))),
        )
        return aws.cloudfront.ResponseHeadersPolicy(
            f"{self._name}-security-headers",
            security_headers_config={
                "content_security_policy": {"content_security_policy": content_security_policy, "override": True},
                "content_type_options": {"override": True},
                "frame_options": {"frame_option": "DENY", "override": True},
                "referrer_policy": {"referrer_policy": "same-origin", "override": True},
                "strict_transport_security": {
                    "access_control_max_age_sec": HSTS_SECONDS,
                    # What is below a name of one's own need not be the café's.
                    "include_subdomains": not args.get("domain"),
                    "override": True,
                },
            },
            opts=self._child,
        )


def _spaced(origins: Sequence[pulumi.Input[str]]) -> list[pulumi.Input[str]]:
    """Origins as a policy lists them."""
    return [part for origin in origins for part in (" ", origin)]


def viewer_certificate(domain: SiteDomain | None) -> aws.cloudfront.DistributionViewerCertificateArgsDict:
    """What a distribution shows browsers: the certificate of the site's own name, or CloudFront's."""
    if domain is None:
        return {"cloudfront_default_certificate": True}
    return {
        "acm_certificate_arn": domain["certificate_arn"],
        "ssl_support_method": "sni-only",
        "minimum_protocol_version": TLS_POLICY,
    }


def api_origin(origin: Origin) -> aws.cloudfront.DistributionOriginArgsDict:
    """An API as one of a distribution's origins."""
    return {
        "origin_id": "api",
        "domain_name": origin["domain_name"],
        "origin_path": origin.get("path", ""),
        "custom_headers": [{"name": name, "value": value} for name, value in origin.get("headers", {}).items()],
        "custom_origin_config": {
            "http_port": origin.get("http_port", 80),
            "https_port": 443,
            "origin_protocol_policy": origin["protocol"],
            "origin_ssl_protocols": ["TLSv1.2"],
        },
    }
