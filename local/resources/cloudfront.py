"""CloudFront distributions and their policies."""

import uuid
from http import HTTPStatus
from typing import Any, ClassVar

from botocore import xform_name

from ..emulator_client import Aws
from .provider import Created, Existing, Inputs, Provider, provides


def _list(items: list[Any] | None) -> dict[str, Any]:
    """A list in CloudFront's format."""
    return {"Quantity": len(items or []), "Items": items or []}


class Policy(Provider):
    """What several distributions can share: a named configuration, changed as a whole."""

    name = "name"
    type: ClassVar[str]
    """The type in CloudFront's API, such as `CachePolicy`."""

    @staticmethod
    def config(inputs: Inputs) -> dict[str, Any]:
        """The configuration in CloudFront's format."""
        raise NotImplementedError

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        answer = self._call(aws, "create", **{f"{self.type}Config": self.config(inputs)})
        return Created(answer[self.type]["Id"], {})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        version = self._call(aws, "get", Id=existing.id)["ETag"]
        self._call(aws, "update", Id=existing.id, IfMatch=version, **{f"{self.type}Config": self.config(inputs)})
        return {}

    def delete(self, aws: Aws, existing: Existing) -> None:
        self._call(aws, "delete", Id=existing.id, IfMatch=self._call(aws, "get", Id=existing.id)["ETag"])

    def _call(self, aws: Aws, verb: str, **arguments: Any) -> Any:
        return getattr(aws.client("cloudfront"), xform_name(f"{verb}{self.type}"))(**arguments)


@provides("aws:cloudfront/originAccessControl:OriginAccessControl")
class OriginAccessControl(Policy):
    """An origin access control, which authenticates CloudFront to a bucket."""

    type = "OriginAccessControl"

    @staticmethod
    def config(inputs: Inputs) -> dict[str, Any]:
        return _access(inputs)


def _access(inputs: Inputs) -> dict[str, Any]:
    return {
        "Name": inputs["name"],
        "OriginAccessControlOriginType": inputs["originAccessControlOriginType"],
        "SigningBehavior": inputs["signingBehavior"],
        "SigningProtocol": inputs["signingProtocol"],
    }


@provides("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")
class ResponseHeadersPolicy(Policy):
    """A policy with the security headers that CloudFront adds."""

    type = "ResponseHeadersPolicy"

    @staticmethod
    def config(inputs: Inputs) -> dict[str, Any]:
        return _headers(inputs)


def _headers(inputs: Inputs) -> dict[str, Any]:
    config: dict[str, Any] = {"Name": inputs["name"]}
    if security := inputs.get("securityHeadersConfig"):
        config["SecurityHeadersConfig"] = _security_headers(security)
    return config


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


@provides("aws:cloudfront/cachePolicy:CachePolicy")
class CachePolicy(Policy):
    """A policy for what a distribution caches, and by which parts of a request."""

    type = "CachePolicy"

    @staticmethod
    def config(inputs: Inputs) -> dict[str, Any]:
        return _caching(inputs)


def _caching(inputs: Inputs) -> dict[str, Any]:
    key = inputs["parametersInCacheKeyAndForwardedToOrigin"]
    query = key["queryStringsConfig"]
    return {
        "Name": inputs["name"],
        "MinTTL": int(inputs["minTtl"]),
        "DefaultTTL": int(inputs["defaultTtl"]),
        "MaxTTL": int(inputs["maxTtl"]),
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "EnableAcceptEncodingGzip": False,
            "CookiesConfig": {"CookieBehavior": key["cookiesConfig"]["cookieBehavior"]},
            "HeadersConfig": {"HeaderBehavior": key["headersConfig"]["headerBehavior"]},
            "QueryStringsConfig": {
                "QueryStringBehavior": query["queryStringBehavior"],
                "QueryStrings": _list((query.get("queryStrings") or {}).get("items")),
            },
        },
    }


@provides("aws:cloudfront/distribution:Distribution")
class Distribution(Provider):
    """A distribution with its origins and cache behaviors."""

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        client, config = aws.client("cloudfront"), _distribution(inputs)
        # Its ID depends on the reference, which no two distributions can share.
        reference = config["Comment"] or str(uuid.uuid4())
        answer = client.create_distribution(DistributionConfig={"CallerReference": reference, **config})
        if answer["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.CREATED:
            answer = client.create_distribution(DistributionConfig={"CallerReference": str(uuid.uuid4()), **config})
        made = answer["Distribution"]
        return Created(made["Id"], {"arn": made["ARN"], "domainName": made["DomainName"]})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        self._update(aws, existing, _distribution(inputs))
        return {}

    def delete(self, aws: Aws, existing: Existing) -> None:
        # CloudFront deletes only disabled distributions.
        version = self._update(aws, existing, {"Enabled": False})
        aws.client("cloudfront").delete_distribution(Id=existing.id, IfMatch=version)

    def _update(self, aws: Aws, existing: Existing, changes: dict[str, Any]) -> str:
        """Update the configuration and return its new version."""
        client = aws.client("cloudfront")
        current = client.get_distribution_config(Id=existing.id)
        updated = client.update_distribution(
            Id=existing.id,
            IfMatch=current["ETag"],
            DistributionConfig={**current["DistributionConfig"], **changes},
        )
        return str(updated["ETag"])


def _distribution(inputs: Inputs) -> dict[str, Any]:
    ordered = [
        {"PathPattern": behavior["pathPattern"], **_behavior(behavior)}
        for behavior in inputs.get("orderedCacheBehaviors") or []
    ]
    geography = inputs["restrictions"]["geoRestriction"]
    return {
        "Comment": inputs.get("comment") or "",
        "Enabled": inputs["enabled"],
        "DefaultRootObject": inputs.get("defaultRootObject") or "",
        "PriceClass": inputs.get("priceClass") or "PriceClass_All",
        "HttpVersion": inputs.get("httpVersion") or "http2",
        "IsIPV6Enabled": bool(inputs.get("isIpv6Enabled")),
        "Origins": _list([_origin(origin) for origin in inputs["origins"]]),
        "DefaultCacheBehavior": _behavior(inputs["defaultCacheBehavior"]),
        "CacheBehaviors": _list(ordered),
        "CustomErrorResponses": _list([_error_response(it) for it in inputs.get("customErrorResponses") or []]),
        "Restrictions": {"GeoRestriction": {"RestrictionType": geography["restrictionType"], "Quantity": 0}},
        "ViewerCertificate": {
            "CloudFrontDefaultCertificate": inputs["viewerCertificate"]["cloudfrontDefaultCertificate"]
        },
    }


def _origin(origin: dict[str, Any]) -> dict[str, Any]:
    common = {
        "Id": origin["originId"],
        "DomainName": origin["domainName"],
        "OriginPath": origin.get("originPath") or "",
        "CustomHeaders": _list(
            [{"HeaderName": it["name"], "HeaderValue": it["value"]} for it in origin.get("customHeaders") or []]
        ),
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


def _error_response(given: dict[str, Any]) -> dict[str, Any]:
    page = {}
    if given.get("responsePagePath"):
        page = {"ResponsePagePath": given["responsePagePath"], "ResponseCode": str(int(given["responseCode"]))}
    return {
        "ErrorCode": int(given["errorCode"]),
        "ErrorCachingMinTTL": int(given.get("errorCachingMinTtl") or 0),
        **page,
    }


def _behavior(behavior: dict[str, Any]) -> dict[str, Any]:
    optional = {
        "OriginRequestPolicyId": behavior.get("originRequestPolicyId"),
        "ResponseHeadersPolicyId": behavior.get("responseHeadersPolicyId"),
    }
    return {
        "TargetOriginId": behavior["targetOriginId"],
        # The emulator has no TLS, so a redirect to HTTPS would lead nowhere.
        "ViewerProtocolPolicy": "allow-all",
        "AllowedMethods": {
            **_list(behavior["allowedMethods"]),
            "CachedMethods": _list(behavior["cachedMethods"]),
        },
        "Compress": bool(behavior.get("compress")),
        "CachePolicyId": behavior["cachePolicyId"],
        **{key: value for key, value in optional.items() if value},
    }
