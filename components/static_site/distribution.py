"""The distribution of a static site: origins, paths and response headers."""

from collections.abc import Sequence
from typing import TypedDict

import pulumi
import pulumi_aws as aws

from ..blocks.addresses import Origin
from .args import SiteDomain, StaticSiteArgs, ViewerProtocolPolicy

CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
"""IDs of CloudFront managed policies, the same in every account (CloudFront developer guide, "Use managed cache
policies" and "Use managed origin request policies")."""

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "manifest", "worker")),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
"""What a page may load, and from where. `StaticSite` adds `connect-src` and `img-src`."""

TLS_POLICY = "TLSv1.2_2021"
"""TLS 1.2 or later with forward secrecy and no outdated ciphers (CloudFront developer guide, "Supported protocols and
ciphers between viewers and CloudFront")."""

MAX_CACHED_SECONDS = 3600

HSTS_SECONDS = 2 * 365 * 24 * 3600

ALL_METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
READ_METHODS = ["GET", "HEAD"]


class Behavior(TypedDict):
    """Settings that all paths of the distribution share."""

    viewer_protocol_policy: str
    response_headers_policy_id: pulumi.Output[str]
    cached_methods: list[str]


ERRORS = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
"""All statuses whose caching can be set."""

MISSING = (403, 404)
"""The statuses of a file that does not exist."""


def make_distribution(
    name: str, args: StaticSiteArgs, bucket_domain_name: pulumi.Input[str], parent: pulumi.Resource
) -> aws.cloudfront.Distribution:
    """The distribution in front of a bucket and an optional API."""
    child = pulumi.ResourceOptions(parent=parent)
    domain = args.get("domain")
    access = aws.cloudfront.OriginAccessControl(
        f"{name}-web",
        origin_access_control_origin_type="s3",
        signing_behavior="always",
        signing_protocol="sigv4",
        opts=child,
    )
    behavior: Behavior = {
        "viewer_protocol_policy": args.get("viewer_protocol_policy", ViewerProtocolPolicy.REDIRECT_TO_HTTPS),
        "response_headers_policy_id": _headers_policy(name, args, child).id,
        "cached_methods": READ_METHODS,
    }
    files = aws.cloudfront.DistributionDefaultCacheBehaviorArgs(
        **behavior,
        target_origin_id="site",
        allowed_methods=READ_METHODS,
        cache_policy_id=CACHING_OPTIMIZED,
        compress=True,
    )
    apis = [args["api"]] if "api" in args else []
    cached = [f"{api['path']}{path}" for api in apis for path in api.get("cached", [])]
    versioned = _cache_policy(name, child) if cached else None
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
                "domain_name": bucket_domain_name,
                "origin_access_control_id": access.id,
            },
            *(api_origin(api["origin"]) for api in apis),
        ],
        default_cache_behavior=files,
        ordered_cache_behaviors=[
            *(
                aws.cloudfront.DistributionOrderedCacheBehaviorArgs(
                    **behavior,
                    path_pattern=path,
                    target_origin_id="api",
                    allowed_methods=ALL_METHODS,
                    # Without an origin request policy: CloudFront answers no `If-None-Match` where it forwards cookies.
                    cache_policy_id=versioned.id,
                )
                for path in cached
                if versioned
            ),
            *(
                aws.cloudfront.DistributionOrderedCacheBehaviorArgs(
                    **behavior,
                    path_pattern=f"{api['path']}*",
                    target_origin_id="api",
                    allowed_methods=ALL_METHODS,
                    # Without compression: it would weaken the entity tags that clients send back.
                    cache_policy_id=CACHING_DISABLED,
                    origin_request_policy_id=ALL_VIEWER_EXCEPT_HOST_HEADER,
                )
                for api in apis
            ),
        ],
        # CloudFront keeps errors for 10 seconds unless told otherwise, some whatever their `Cache-Control`, and would
        # give one caller's to all others (CloudFront developer guide, "How CloudFront processes and caches HTTP 4xx and
        # 5xx status codes").
        custom_error_responses=[_error_response(code, args) for code in ERRORS],
        restrictions={"geo_restriction": {"restriction_type": "none"}},
        viewer_certificate=viewer_certificate(domain),
        opts=child,
    )


def _error_response(code: int, args: StaticSiteArgs) -> aws.cloudfront.DistributionCustomErrorResponseArgsDict:
    """How an error is answered. S3 says 403 for a file that does not exist to those who may not list the bucket."""
    response: aws.cloudfront.DistributionCustomErrorResponseArgsDict = {"error_code": code, "error_caching_min_ttl": 0}
    page = "index.html" if args.get("single_page") else args.get("not_found")
    if page and code in MISSING:
        status = 200 if args.get("single_page") else 404
        return {**response, "response_page_path": f"/{page.lstrip('/')}", "response_code": status}
    return response


def _cache_policy(name: str, opts: pulumi.ResourceOptions) -> aws.cloudfront.CachePolicy:
    """Responses are cached as long as their `Cache-Control` says, for each `v` of the query."""
    return aws.cloudfront.CachePolicy(
        f"{name}-versioned",
        min_ttl=0,
        default_ttl=0,
        max_ttl=MAX_CACHED_SECONDS,
        parameters_in_cache_key_and_forwarded_to_origin={
            "cookies_config": {"cookie_behavior": "none"},
            "headers_config": {"header_behavior": "none"},
            "query_strings_config": {"query_string_behavior": "whitelist", "query_strings": {"items": ["v"]}},
        },
        opts=opts,
    )


def _headers_policy(
    name: str, args: StaticSiteArgs, opts: pulumi.ResourceOptions
) -> aws.cloudfront.ResponseHeadersPolicy:
    content_security_policy = args.get("content_security_policy") or pulumi.Output.concat(
        CONTENT_SECURITY_POLICY,
        *("; connect-src 'self'", *_spaced(args.get("connect_origins", []))),
        *("; img-src 'self'", *_spaced(args.get("image_origins", []))),
    )
    return aws.cloudfront.ResponseHeadersPolicy(
        f"{name}-security-headers",
        security_headers_config={
            "content_security_policy": {"content_security_policy": content_security_policy, "override": True},
            "content_type_options": {"override": True},
            "frame_options": {"frame_option": "DENY", "override": True},
            "referrer_policy": {"referrer_policy": "same-origin", "override": True},
            "strict_transport_security": {
                "access_control_max_age_sec": HSTS_SECONDS,
                # Subdomains of a custom domain may belong to others.
                "include_subdomains": not args.get("domain"),
                "override": True,
            },
        },
        opts=opts,
    )


def _spaced(origins: Sequence[pulumi.Input[str]]) -> list[pulumi.Input[str]]:
    """Origins in a content security policy."""
    return [part for origin in origins for part in (" ", origin)]


def viewer_certificate(domain: SiteDomain | None) -> aws.cloudfront.DistributionViewerCertificateArgsDict:
    """The certificate that viewers get: the custom domain's, or CloudFront's."""
    if domain is None:
        return {"cloudfront_default_certificate": True}
    return {
        "acm_certificate_arn": domain["certificate_arn"],
        "ssl_support_method": "sni-only",
        "minimum_protocol_version": TLS_POLICY,
    }


def api_origin(origin: Origin) -> aws.cloudfront.DistributionOriginArgsDict:
    """An API as an origin of a distribution."""
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
