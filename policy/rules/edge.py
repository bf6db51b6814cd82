"""Rules for the CDN and the headers that it sends to browsers."""

from collections.abc import Iterator
from typing import Any

from policy.kinds import DISTRIBUTION, RESPONSE_HEADERS
from policy.rule import Resource, example, rule

YEAR = 365 * 24 * 3600

HTTPS = {"viewerProtocolPolicy": "redirect-to-https", "responseHeadersPolicyId": "headers"}
FOR_TLS = {"originProtocolPolicy": "https-only", "originSslProtocols": ["TLSv1.2"]}
DEFAULT = {"cloudfrontDefaultCertificate": True}


def _cdn(**props: Any) -> Resource:
    given = {"defaultCacheBehavior": HTTPS, "origins": [{"customOriginConfig": FOR_TLS}], "viewerCertificate": DEFAULT}
    return example(DISTRIBUTION, **{**given, **props})


def _headers(csp: str, age: int = YEAR) -> Resource:
    config: dict[str, Any] = {"contentSecurityPolicy": {"contentSecurityPolicy": csp}}
    return example(
        RESPONSE_HEADERS,
        securityHeadersConfig={**config, "strictTransportSecurity": {"accessControlMaxAgeSec": age}},
    )


def _behaviors(distribution: Resource) -> list[Any]:
    return [distribution["defaultCacheBehavior"], *distribution.get("orderedCacheBehaviors", [])]


@rule(
    "viewers-use-tls",
    "Tokens and orders pass through the CDN, and anyone on the path can read plain HTTP.",
    on=[DISTRIBUTION],
    violating=[
        [_cdn(defaultCacheBehavior={**HTTPS, "viewerProtocolPolicy": "allow-all"})],
        [_cdn(orderedCacheBehaviors=[{**HTTPS, "viewerProtocolPolicy": "allow-all"}])],
        [_cdn(viewerCertificate={"acmCertificateArn": "arn", "minimumProtocolVersion": "TLSv1"})],
    ],
    compliant=[
        [_cdn()],
        [_cdn(viewerCertificate={"acmCertificateArn": "arn", "minimumProtocolVersion": "TLSv1.2_2021"})],
    ],
    not_on_emulator="it serves only plain HTTP",
)
def viewers_use_tls(distribution: Resource) -> Iterator[str]:
    """Every path requires HTTPS, and a custom certificate requires TLS 1.2 or later."""
    if any(each["viewerProtocolPolicy"] == "allow-all" for each in _behaviors(distribution)):
        yield "serves plain HTTP: set `viewerProtocolPolicy` to redirect-to-https or https-only"
    certificate = distribution["viewerCertificate"]
    oldest = certificate.get("minimumProtocolVersion") or ""
    # With CloudFront's certificate, AWS chooses the version (CloudFront API reference, ViewerCertificate).
    if not certificate.get("cloudfrontDefaultCertificate") and not oldest.startswith(("TLSv1.2", "TLSv1.3")):
        yield f"accepts {oldest or 'SSL'}: set `viewerCertificate.minimumProtocolVersion` to TLSv1.2_2021 or later"


@rule(
    "origins-use-tls",
    "A request that is encrypted only up to the CDN travels on to the origin in plain text.",
    on=[DISTRIBUTION],
    violating=[
        [_cdn(origins=[{"customOriginConfig": {**FOR_TLS, "originProtocolPolicy": "match-viewer"}}])],
        [_cdn(origins=[{"customOriginConfig": {**FOR_TLS, "originSslProtocols": ["TLSv1", "TLSv1.2"]}}])],
    ],
    compliant=[[_cdn()], [_cdn(origins=[{"originAccessControlId": "it"}])]],
    not_on_emulator="it serves only plain HTTP",
)
def origins_use_tls(distribution: Resource) -> Iterator[str]:
    """The CDN connects to its origins over TLS 1.2, or to S3 with origin access control (always signed, over TLS)."""
    for origin in distribution["origins"]:
        custom = origin.get("customOriginConfig")
        if custom and (custom["originProtocolPolicy"], list(custom["originSslProtocols"])) != (
            "https-only",
            ["TLSv1.2"],
        ):
            yield "connects to an origin without TLS 1.2: set `originProtocolPolicy` and `originSslProtocols`"


@rule(
    "responses-have-security-headers",
    "Without security headers, other sites can frame a page, and the page can load content from anywhere.",
    on=[DISTRIBUTION],
    violating=[[_cdn(defaultCacheBehavior={"viewerProtocolPolicy": "https-only"})]],
    compliant=[[_cdn()]],
)
def responses_have_security_headers(distribution: Resource) -> Iterator[str]:
    """Every cache behavior of the CDN has a response headers policy."""
    if not all(each.get("responseHeadersPolicyId") for each in _behaviors(distribution)):
        yield "sends no security headers on some paths: set `responseHeadersPolicyId` on every behavior"


@rule(
    "content-security-policies-are-strict",
    "A content security policy with exceptions lets in what it should block: third-party scripts.",
    on=[RESPONSE_HEADERS],
    violating=[
        [example(RESPONSE_HEADERS)],
        [_headers("default-src 'self'")],
        [_headers("default-src 'none'; script-src 'self' 'unsafe-inline'")],
        [_headers("default-src 'none'; img-src https:")],
        [_headers("default-src 'none'", age=3600)],
    ],
    compliant=[[_headers("default-src 'none'; script-src 'self'; img-src https://pictures.example")]],
)
def content_security_policies_are_strict(headers: Resource) -> Iterator[str]:
    """Pages load content only from named origins, and HSTS lasts at least a year."""
    config = headers.get("securityHeadersConfig", {})
    text = (config.get("contentSecurityPolicy") or {}).get("contentSecurityPolicy") or ""
    parts = [part.split() for part in text.split(";") if part.strip()]
    if ["default-src", "'none'"] not in parts:
        yield "has no default in its content security policy: start it with `default-src 'none'`"
    for name, *sources in parts:
        for source in sources:
            if source in ("*", "data:", "blob:", "http:", "https:") or "unsafe" in source:
                yield f"allows {source} in {name}: name the origins"
    if ((config.get("strictTransportSecurity") or {}).get("accessControlMaxAgeSec") or 0) < YEAR:
        yield f"keeps HSTS for less than a year: set `accessControlMaxAgeSec` to {YEAR} or more"
