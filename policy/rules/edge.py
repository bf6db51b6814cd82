"""The CDN, and what it tells browsers."""

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


def _behaviours(distribution: Resource) -> list[Any]:
    return [distribution["defaultCacheBehavior"], *distribution.get("orderedCacheBehaviors", [])]


@rule(
    "visitors-speak-tls",
    "Tokens and orders travel here, and on plain http anybody on the way reads them.",
    on=[DISTRIBUTION],
    refused=[
        [_cdn(defaultCacheBehavior={**HTTPS, "viewerProtocolPolicy": "allow-all"})],
        [_cdn(orderedCacheBehaviors=[{**HTTPS, "viewerProtocolPolicy": "allow-all"}])],
        [_cdn(viewerCertificate={"acmCertificateArn": "arn", "minimumProtocolVersion": "TLSv1"})],
    ],
    accepted=[
        [_cdn()],
        [_cdn(viewerCertificate={"acmCertificateArn": "arn", "minimumProtocolVersion": "TLSv1.2_2021"})],
    ],
    not_on_emulator="plain http is all there is",
)
def visitors_speak_tls(distribution: Resource) -> Iterator[str]:
    """No path is served over plain http, and with a certificate of one's own nothing under TLS 1.2 is spoken."""
    if any(each["viewerProtocolPolicy"] == "allow-all" for each in _behaviours(distribution)):
        yield "serves plain http: set `viewerProtocolPolicy` to redirect-to-https or https-only"
    certificate = distribution["viewerCertificate"]
    oldest = certificate.get("minimumProtocolVersion") or ""
    # With CloudFront's own certificate AWS decides (CloudFront API reference, ViewerCertificate).
    if not certificate.get("cloudfrontDefaultCertificate") and not oldest.startswith(("TLSv1.2", "TLSv1.3")):
        yield f"speaks {oldest or 'SSL'}: set `viewerCertificate.minimumProtocolVersion` to TLSv1.2_2021 or newer"


@rule(
    "origins-speak-tls",
    "What is encrypted up to the CDN only is in the clear for the rest of its way.",
    on=[DISTRIBUTION],
    refused=[
        [_cdn(origins=[{"customOriginConfig": {**FOR_TLS, "originProtocolPolicy": "match-viewer"}}])],
        [_cdn(origins=[{"customOriginConfig": {**FOR_TLS, "originSslProtocols": ["TLSv1", "TLSv1.2"]}}])],
    ],
    accepted=[[_cdn()], [_cdn(origins=[{"originAccessControlId": "it"}])]],
    not_on_emulator="plain http is all there is",
)
def origins_speak_tls(distribution: Resource) -> Iterator[str]:
    """The CDN asks its origins over TLS 1.2, and S3 with its own right (which is always signed, and over TLS)."""
    for origin in distribution["origins"]:
        custom = origin.get("customOriginConfig")
        if custom and (custom["originProtocolPolicy"], list(custom["originSslProtocols"])) != (
            "https-only",
            ["TLSv1.2"],
        ):
            yield "asks an origin without TLS 1.2: set `originProtocolPolicy` and `originSslProtocols`"


@rule(
    "pages-come-with-headers",
    "A path without the security headers is a page that others may frame, and that may load what it likes.",
    on=[DISTRIBUTION],
    refused=[[_cdn(defaultCacheBehavior={"viewerProtocolPolicy": "https-only"})]],
    accepted=[[_cdn()]],
)
def pages_come_with_headers(distribution: Resource) -> Iterator[str]:
    """Every path of the CDN has a policy for its answers' headers."""
    if not all(each.get("responseHeadersPolicyId") for each in _behaviours(distribution)):
        yield "answers without security headers: set `responseHeadersPolicyId` on every behaviour"


@rule(
    "pages-load-their-own",
    "A content security policy with exceptions lets in what it is there to keep out: somebody else's script.",
    on=[RESPONSE_HEADERS],
    refused=[
        [example(RESPONSE_HEADERS)],
        [_headers("default-src 'self'")],
        [_headers("default-src 'none'; script-src 'self' 'unsafe-inline'")],
        [_headers("default-src 'none'; img-src https:")],
        [_headers("default-src 'none'", age=3600)],
    ],
    accepted=[[_headers("default-src 'none'; script-src 'self'; img-src https://pictures.example")]],
)
def pages_load_their_own(headers: Resource) -> Iterator[str]:
    """Pages load nothing but what is named, and browsers ask for them over TLS for a year to come."""
    config = headers.get("securityHeadersConfig", {})
    text = (config.get("contentSecurityPolicy") or {}).get("contentSecurityPolicy") or ""
    parts = [part.split() for part in text.split(";") if part.strip()]
    if ["default-src", "'none'"] not in parts:
        yield "lets pages load what no one thought of: begin the content security policy with `default-src 'none'`"
    for name, *sources in parts:
        for source in sources:
            if source in ("*", "data:", "blob:", "http:", "https:") or "unsafe" in source:
                yield f"has {source} in {name}: name the origins"
    if ((config.get("strictTransportSecurity") or {}).get("accessControlMaxAgeSec") or 0) < YEAR:
        yield f"lets browsers forget to ask over TLS: set `accessControlMaxAgeSec` to {YEAR} or more"
