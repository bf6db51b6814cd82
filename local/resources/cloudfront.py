"""CloudFront distributions and their policies."""

from typing import Any

from ops.emulator_client import Aws

from .registry import Created, Planned, creates


def _list(items: list[Any] | None) -> dict[str, Any]:
    """A list in CloudFront's format."""
    return {"Quantity": len(items or []), "Items": items or []}


@creates("aws:cloudfront/originAccessControl:OriginAccessControl")
def origin_access_control(aws: Aws, planned: Planned) -> Created:
    """Create an origin access control, which authenticates CloudFront to a bucket."""
    inputs = planned.inputs
    answer = aws.client("cloudfront").create_origin_access_control(
        OriginAccessControlConfig={
            "Name": planned.physical_name(),
            "OriginAccessControlOriginType": inputs["originAccessControlOriginType"],
            "SigningBehavior": inputs["signingBehavior"],
            "SigningProtocol": inputs["signingProtocol"],
        }
    )
    return Created(answer["OriginAccessControl"]["Id"], {})


@creates("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")
def response_headers_policy(aws: Aws, planned: Planned) -> Created:
    """Create a policy with the security headers that CloudFront adds."""
    config: dict[str, Any] = {"Name": planned.physical_name()}
    if security := planned.inputs.get("securityHeadersConfig"):
        config["SecurityHeadersConfig"] = _security_headers(security)
    answer = aws.client("cloudfront").create_response_headers_policy(ResponseHeadersPolicyConfig=config)
    return Created(answer["ResponseHeadersPolicy"]["Id"], {})


def _security_headers(security: dict[str, Any]) -> dict[str, Any]:
    names = {
        "contentSecurityPolicy": "ContentSecurityPolicy",
        "contentTypeOptions": "ContentTypeOptions",
        "frameOptions": "FrameOptions",
        "frameOption": "FrameOption",
        "referrerPolicy": "ReferrerPolicy",
        "strictTransportSecurity": "StrictTransportSecurity",
        "accessControlMaxAgeSec": "AccessControlMaxAgeSec",
        "includeSubdomains": "IncludeSubdomains",
        "preload": "Preload",
        "override": "Override",
    }
    return {
        names[key]: _security_headers(value) if isinstance(value, dict) else value
        for key, value in security.items()
        if value is not None
    }


@creates("aws:cloudfront/distribution:Distribution")
def distribution(aws: Aws, planned: Planned) -> Created:
    """Create a distribution with its origins and cache behaviors."""
    inputs = planned.inputs
    ordered = [
        {"PathPattern": behavior["pathPattern"], **_behavior(behavior)}
        for behavior in inputs.get("orderedCacheBehaviors") or []
    ]
    geography = inputs["restrictions"]["geoRestriction"]
    config = {
        "CallerReference": planned.urn,
        "Comment": inputs.get("comment") or "",
        "Enabled": inputs["enabled"],
        "DefaultRootObject": inputs.get("defaultRootObject") or "",
        "PriceClass": inputs.get("priceClass") or "PriceClass_All",
        "HttpVersion": inputs.get("httpVersion") or "http2",
        "IsIPV6Enabled": bool(inputs.get("isIpv6Enabled")),
        "Origins": _list([_origin(origin) for origin in inputs["origins"]]),
        "DefaultCacheBehavior": _behavior(inputs["defaultCacheBehavior"]),
        "CacheBehaviors": _list(ordered),
        "Restrictions": {"GeoRestriction": {"RestrictionType": geography["restrictionType"], "Quantity": 0}},
        "ViewerCertificate": {
            "CloudFrontDefaultCertificate": inputs["viewerCertificate"]["cloudfrontDefaultCertificate"]
        },
    }
    made = aws.client("cloudfront").create_distribution(DistributionConfig=config)["Distribution"]
    return Created(made["Id"], {"arn": made["ARN"], "domainName": made["DomainName"]})


def _origin(origin: dict[str, Any]) -> dict[str, Any]:
    common = {
        "Id": origin["originId"],
        "DomainName": origin["domainName"],
        "OriginPath": origin.get("originPath") or "",
        "CustomHeaders": _list([]),
    }
    custom = origin.get("customOriginConfig")
    if custom is None:
        access = origin.get("originAccessControlId") or ""
        return {**common, "OriginAccessControlId": access, "S3OriginConfig": {"OriginAccessIdentity": ""}}
    return {
        **common,
        "CustomOriginConfig": {
            "HTTPPort": custom["httpPort"],
            "HTTPSPort": custom["httpsPort"],
            "OriginProtocolPolicy": custom["originProtocolPolicy"],
            "OriginSslProtocols": _list(custom["originSslProtocols"]),
        },
    }


def _behavior(behavior: dict[str, Any]) -> dict[str, Any]:
    optional = {
        "OriginRequestPolicyId": behavior.get("originRequestPolicyId"),
        "ResponseHeadersPolicyId": behavior.get("responseHeadersPolicyId"),
    }
    return {
        "TargetOriginId": behavior["targetOriginId"],
        "ViewerProtocolPolicy": behavior["viewerProtocolPolicy"],
        "AllowedMethods": {
            **_list(behavior["allowedMethods"]),
            "CachedMethods": _list(behavior["cachedMethods"]),
        },
        "Compress": bool(behavior.get("compress")),
        "CachePolicyId": behavior["cachePolicyId"],
        **{key: value for key, value in optional.items() if value},
    }
