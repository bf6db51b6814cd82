"""The bucket, its settings file and the distribution."""

import json
import re

import pulumi_aws as aws
import pytest
import zxingcpp
from PIL import Image

from ops.site_files import STACK_FILES
from tests.components.policies import statements
from tests.components.recorder import REGION, Recording, recorded_stack

SCALE = 8

# IDs of policies managed by CloudFront (developer guide, "Use managed cache policies", "... origin request policies").
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


def test_the_stack_writes_only_the_settings_and_the_code(cafe: Recording) -> None:
    files = cafe.of(aws.s3.BucketObjectv2)

    assert {file["key"] for file in files} == STACK_FILES == {"api.json", "qr.svg"}
    for file in files:
        assert file["cacheControl"] == "no-cache"
        assert file["bucket"] == cafe.one(aws.s3.Bucket, "-web").id


def test_the_code_has_the_sites_address(cafe: Recording) -> None:
    code = cafe.one(aws.s3.BucketObjectv2, "-qr.svg")
    address = cafe.outputs["webappUrl"]

    assert code["contentType"] == "image/svg+xml"
    assert [it.text for it in zxingcpp.read_barcodes(drawn(code["content"]))] == [address]


def drawn(svg: str) -> Image.Image:
    """The picture of a QR code, from the rows of its only path: `M4 4.5h7m1 0h2...` in modules."""
    size = int(re.findall(r'width="(\d+)"', svg)[0]) // SCALE
    picture = Image.new("L", (size, size), 255)
    x, y = 0, 0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", re.findall(r'd="(M[^"]*m[^"]*)"', svg)[-1]):
        values = [float(number) for number in numbers.split()]
        match command:
            case "M":
                x, y = int(values[0]), int(values[1])
            case "m":
                x, y = x + int(values[0]), y + int(values[1])
            case "h":
                picture.paste(0, (x, y, x + int(values[0]), y + 1))
                x += int(values[0])
    return picture.resize((size * SCALE, size * SCALE), Image.Resampling.NEAREST)


@pytest.mark.parametrize(("stack", "protected"), [("dev", False), ("local", False), ("prod", True)])
def test_only_production_protects_the_bucket_and_its_content(stack: str, protected: bool) -> None:
    bucket = recorded_stack(stack).one(aws.s3.Bucket, "-web")

    assert (bucket.protect, bucket["forceDestroy"]) == (protected, not protected)


def test_the_settings_file_points_to_the_api_on_the_sites_origin(cafe: Recording) -> None:
    settings = cafe.one(aws.s3.BucketObjectv2, "-api.json")
    is_local = cafe.outputs["webappUrl"].startswith("http:")
    cognito_url = "http://localhost:4566" if is_local else "https://cognito-idp.us-east-1.amazonaws.com"

    assert settings["contentType"] == "application/json"
    assert json.loads(settings["content"]) == {
        "api": {"apiUrl": "/dev/"},
        "auth": {
            "clientId": cafe.outputs["userPoolClientId"],
            "hostedPagesUrl": cafe.outputs["hostedPagesUrl"],
            "cognitoUrl": cognito_url,
        },
        "live": {
            "host": cafe.one(aws.appsync.Api).outputs["dns"]["HTTP"],
            "url": cafe.outputs["liveRealtimeUrl"],
        },
        "guests": True,
        "menuOnly": True,
        "lateMinutes": 10,
    }


def test_hosted_pages(dev: Recording, local: Recording) -> None:
    domain = dev.outputs["userPoolDomain"]

    assert dev.outputs["hostedPagesUrl"] == f"https://{domain}.auth.{REGION}.amazoncognito.com"
    assert local.outputs["hostedPagesUrl"] == "http://localhost:4566"


def test_previous_versions_are_kept_for_30_days(cafe: Recording) -> None:
    versioning = cafe.one(aws.s3.BucketVersioning, "site-web-versioning")
    (rule,) = cafe.one(aws.s3.BucketLifecycleConfiguration, "site-web-lifecycle")["rules"]

    assert versioning["versioningConfiguration"] == {"status": "Enabled"}
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 30}


def test_only_the_distribution_reads_the_bucket(cafe: Recording) -> None:
    bucket = cafe.one(aws.s3.Bucket, "-web")
    (allowed,) = [s for s in statements(cafe.one(aws.s3.BucketPolicy, "-web-policy")) if s["Effect"] == "Allow"]

    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert (allowed["Action"], allowed["Resource"]) == ("s3:GetObject", f"{bucket.arn}/*")
    assert allowed["Condition"] == {"StringEquals": {"AWS:SourceArn": cafe.one(aws.cloudfront.Distribution).arn}}


def test_on_the_emulator_plain_http_is_allowed(local: Recording) -> None:
    assert {s["Effect"] for s in statements(local.one(aws.s3.BucketPolicy, "-web-policy"))} == {"Allow"}


def test_the_policy_depends_on_the_public_access_block(cafe: Recording) -> None:
    before = list(cafe.dependencies_of(cafe.one(aws.s3.BucketPolicy, "-web-policy")))

    assert cafe.one(aws.s3.BucketPublicAccessBlock, "-web-access") in before


def test_the_distribution_reads_the_bucket_with_origin_access_control(cafe: Recording) -> None:
    origins = {origin["originId"]: origin for origin in cafe.one(aws.cloudfront.Distribution)["origins"]}
    access = cafe.one(aws.cloudfront.OriginAccessControl)
    site = origins[cafe.one(aws.cloudfront.Distribution)["defaultCacheBehavior"]["targetOriginId"]]

    assert site["domainName"] == cafe.one(aws.s3.Bucket, "-web").outputs["bucketRegionalDomainName"]
    assert site["originAccessControlId"] == access.id
    assert access["originAccessControlOriginType"] == "s3"
    assert (access["signingBehavior"], access["signingProtocol"]) == ("always", "sigv4")


def test_only_the_menu_is_cached_for_each_version_that_a_client_asks_for(cafe: Recording) -> None:
    menu, _ = cafe.one(aws.cloudfront.Distribution)["orderedCacheBehaviors"]
    policy = cafe.one(aws.cloudfront.CachePolicy)
    key = policy["parametersInCacheKeyAndForwardedToOrigin"]

    assert (menu["pathPattern"], menu["cachePolicyId"]) == ("/dev/menu", policy.id)
    # Neither a token nor a cookie makes a difference, and none reaches the function.
    assert "originRequestPolicyId" not in menu
    assert key["headersConfig"] == {"headerBehavior": "none"}
    assert key["cookiesConfig"] == {"cookieBehavior": "none"}
    assert key["queryStringsConfig"] == {"queryStringBehavior": "whitelist", "queryStrings": {"items": ["v"]}}
    # A response that does not say how long it is fresh is not cached.
    assert (policy["minTtl"], policy["defaultTtl"]) == (0, 0)


def test_the_api_is_reached_through_the_distribution_uncached(cafe: Recording) -> None:
    *_, behavior = cafe.one(aws.cloudfront.Distribution)["orderedCacheBehaviors"]

    assert behavior["pathPattern"] == "/dev/*"
    assert set(behavior["allowedMethods"]) == {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
    assert behavior["cachePolicyId"] == CACHING_DISABLED
    # With the viewer's `Host` header, API Gateway could not identify the API.
    assert behavior["originRequestPolicyId"] == ALL_VIEWER_EXCEPT_HOST_HEADER


def test_on_aws_the_api_origin_is_the_api(dev: Recording) -> None:
    distribution = dev.one(aws.cloudfront.Distribution)
    target = distribution["orderedCacheBehaviors"][0]["targetOriginId"]
    (origin,) = [origin for origin in distribution["origins"] if origin["originId"] == target]

    assert origin["domainName"] == f"{dev.one(aws.apigateway.RestApi).id}.execute-api.{REGION}.amazonaws.com"
    # The path is forwarded unchanged: it starts with the stage.
    assert not origin.get("originPath")
    assert origin["customOriginConfig"]["originProtocolPolicy"] == "https-only"
    assert origin["customOriginConfig"]["originSslProtocols"] == ["TLSv1.2"]


def test_on_the_emulator_the_api_origin_is_the_emulator(local: Recording) -> None:
    (origin,) = [o for o in local.one(aws.cloudfront.Distribution)["origins"] if "customOriginConfig" in o]

    assert (origin["domainName"], origin["customOriginConfig"]["httpPort"]) == ("localhost", 4566)
    assert origin["originPath"] == f"/_aws/execute-api/{local.one(aws.apigateway.RestApi).id}"
    assert origin["customOriginConfig"]["originProtocolPolicy"] == "http-only"


def test_only_files_are_compressed() -> None:
    """Compression would weaken the API's entity tags."""
    distribution = recorded_stack("dev").one(aws.cloudfront.Distribution)

    assert distribution["defaultCacheBehavior"]["compress"] is True
    assert [behavior.get("compress", False) for behavior in distribution["orderedCacheBehaviors"]] == [False] * 2


def test_all_behaviors_set_headers(cafe: Recording) -> None:
    distribution = cafe.one(aws.cloudfront.Distribution)
    behaviors = [distribution["defaultCacheBehavior"], *distribution["orderedCacheBehaviors"]]

    headers = cafe.one(aws.cloudfront.ResponseHeadersPolicy).id
    assert {behavior["responseHeadersPolicyId"] for behavior in behaviors} == {headers}


def test_viewer_protocol_policies(dev: Recording, local: Recording) -> None:
    policies = [
        {
            behavior["viewerProtocolPolicy"]
            for distribution in [cafe.one(aws.cloudfront.Distribution)]
            for behavior in [distribution["defaultCacheBehavior"], *distribution["orderedCacheBehaviors"]]
        }
        for cafe in (dev, local)
    ]

    assert policies == [{"redirect-to-https"}, {"allow-all"}]


def test_distribution_settings(cafe: Recording) -> None:
    distribution = cafe.one(aws.cloudfront.Distribution)

    assert distribution["enabled"] is True
    assert distribution["httpVersion"] == "http2and3"
    assert distribution["defaultRootObject"] == "index.html"
    # Without these, an error for one caller would be cached for all. None replaces a response with a page.
    errors = distribution["customErrorResponses"]
    assert {(error["errorCode"], error["errorCachingMinTtl"]) for error in errors} == {
        (n, 0) for n in (400, 403, 404, 405, 414, 416, *range(500, 505))
    }
    assert {tuple(sorted(error)) for error in errors} == {("errorCachingMinTtl", "errorCode")}
    assert set(distribution["defaultCacheBehavior"]["allowedMethods"]) == {"GET", "HEAD"}


@pytest.mark.parametrize(
    ("stack", "price_class"), [("dev", "PriceClass_100"), ("local", "PriceClass_100"), ("prod", "PriceClass_All")]
)
def test_production_uses_all_edge_locations(stack: str, price_class: str) -> None:
    assert recorded_stack(stack).one(aws.cloudfront.Distribution)["priceClass"] == price_class


def test_the_price_class_comes_from_the_config(configured: Recording) -> None:
    assert configured.one(aws.cloudfront.Distribution)["priceClass"] == "PriceClass_200"


def test_security_headers(cafe: Recording) -> None:
    headers = cafe.one(aws.cloudfront.ResponseHeadersPolicy)["securityHeadersConfig"]

    assert headers["contentTypeOptions"] == {"override": True}
    assert headers["frameOptions"]["frameOption"] == "DENY"
    assert headers["referrerPolicy"]["referrerPolicy"] in ("no-referrer", "same-origin", "strict-origin")
    assert headers["strictTransportSecurity"]["accessControlMaxAgeSec"] >= 365 * 24 * 3600
    # It would also apply to other hosts below a custom domain.
    assert headers["strictTransportSecurity"]["includeSubdomains"] is True


def test_the_content_security_policy_is_strict(cafe: Recording) -> None:
    config = cafe.one(aws.cloudfront.ResponseHeadersPolicy)["securityHeadersConfig"]
    text = config["contentSecurityPolicy"]["contentSecurityPolicy"]
    policy = {name: sources for name, *sources in (directive.split() for directive in text.split(";"))}

    assert "unsafe" not in text
    assert policy["default-src"] == ["'none'"]
    assert policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]
    assert {"style-src", "img-src", "connect-src", "worker-src", "manifest-src", "form-action"} <= policy.keys()
    # No source is a wildcard or a whole scheme.
    assert {s for sources in policy.values() for s in sources} & {"*", "data:", "blob:", "http:", "https:"} == set()


def sources_of(cafe: Recording) -> dict[str, str]:
    policy = cafe.one(aws.cloudfront.ResponseHeadersPolicy)["securityHeadersConfig"]["contentSecurityPolicy"]
    return dict(part.split(" ", 1) for part in policy["contentSecurityPolicy"].split("; "))


def photo_origin(cafe: Recording) -> str:
    bucket = cafe.outputs["photosBucketName"]
    is_local = cafe.outputs["webappUrl"].startswith("http:")
    return "http://127.0.0.1:4566" if is_local else f"https://{bucket}.s3.us-east-1.amazonaws.com"


def test_pages_can_connect_only_to_the_site_cognito_the_photo_bucket_and_the_event_api(cafe: Recording) -> None:
    auth = json.loads(cafe.one(aws.s3.BucketObjectv2, "-api.json")["content"])["auth"]
    origins = ["'self'", auth["hostedPagesUrl"], auth["cognitoUrl"], photo_origin(cafe)]
    origins.append(cafe.outputs["liveRealtimeUrl"].removesuffix("/event/realtime"))

    assert sources_of(cafe)["connect-src"] == " ".join(origins)


def test_pages_can_show_images_only_from_the_site_and_the_photo_bucket(cafe: Recording) -> None:
    assert sources_of(cafe)["img-src"] == f"'self' {photo_origin(cafe)}"
