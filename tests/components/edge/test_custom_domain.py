"""Custom domains for the site and the API."""

import pulumi_aws as aws
import pytest

from tests.components.recorder import CONFIGURED, Recorded, Recording, record_stack, recorded_stack

SITE, API, ZONE = CONFIGURED["siteDomain"], CONFIGURED["apiDomain"], CONFIGURED["hostedZoneId"]


def certificate(cafe: Recording, domain: str) -> Recorded:
    (found,) = [each for each in cafe.of(aws.acm.Certificate) if each["domainName"] == domain]
    return found


def records(cafe: Recording, name: str) -> dict[str, Recorded]:
    return {each["type"]: each for each in cafe.of(aws.route53.Record) if each["name"] == name}


@pytest.mark.parametrize("stack", ["dev", "local", "prod"])
def test_custom_domains_are_off_by_default(stack: str) -> None:
    cafe = recorded_stack(stack)
    own = ("aws:acm/", "aws:route53/", "aws:apigateway/domainName", "aws:apigateway/basePathMapping")
    distribution = cafe.one(aws.cloudfront.Distribution)

    assert [str(each) for each in cafe.custom if each.type.startswith(own)] == []
    assert distribution.get("aliases") is None
    assert distribution["viewerCertificate"] == {"cloudfrontDefaultCertificate": True}


@pytest.mark.parametrize(("domain", "region"), [(SITE, "us-east-1"), (API, None)])
def test_a_certificate_is_validated_by_a_record_in_the_zone(
    configured: Recording, domain: str, region: str | None
) -> None:
    it = certificate(configured, domain)
    (validation,) = [v for v in configured.of(aws.acm.CertificateValidation) if v["certificateArn"] == it.arn]
    (option,) = it.outputs["domainValidationOptions"]
    (proof,) = records(configured, option["resourceRecordName"]).values()

    assert it["validationMethod"] == "DNS"
    # CloudFront accepts certificates from us-east-1 only; an API's certificate is in the API's region.
    assert (it.get("region"), validation.get("region")) == (region, region)
    assert (proof["zoneId"], proof["type"], proof["records"]) == (ZONE, "CNAME", [option["resourceRecordValue"]])
    assert validation["validationRecordFqdns"] == [proof.outputs["fqdn"]]


def test_the_distribution_uses_the_custom_domain_and_a_recent_tls_version(configured: Recording) -> None:
    distribution = configured.one(aws.cloudfront.Distribution)
    shown = distribution["viewerCertificate"]

    assert distribution["aliases"] == [SITE]
    assert shown["acmCertificateArn"] == certificate(configured, SITE).arn
    assert (shown["sslSupportMethod"], shown["minimumProtocolVersion"]) == ("sni-only", "TLSv1.2_2021")
    assert "cloudfrontDefaultCertificate" not in shown


@pytest.mark.parametrize(("domain", "kind"), [(SITE, aws.cloudfront.Distribution), (API, aws.apigateway.DomainName)])
def test_resources_depend_on_the_validation_of_their_certificate(
    configured: Recording, domain: str, kind: type
) -> None:
    before = configured.dependencies_of(configured.one(kind))

    assert certificate(configured, domain).arn in [
        each["certificateArn"] for each in before if each.type == aws.acm.CertificateValidation.pulumi_type
    ]


def test_alias_records_cover_ipv4_and_ipv6(configured: Recording) -> None:
    cdn = configured.one(aws.cloudfront.Distribution).outputs
    api = configured.one(aws.apigateway.DomainName).outputs
    targets = {
        SITE: (cdn["domainName"], cdn["hostedZoneId"]),
        API: (api["regionalDomainName"], api["regionalZoneId"]),
    }

    for name, (host, zone) in targets.items():
        found = records(configured, name)
        assert found.keys() == {"A", "AAAA"}
        for record in found.values():
            assert record["zoneId"] == ZONE
            assert record["aliases"] == [{"name": host, "zoneId": zone, "evaluateTargetHealth": False}]


def test_the_apis_domain_maps_the_stage_name_to_the_stage(configured: Recording) -> None:
    domain, mapping = configured.one(aws.apigateway.DomainName), configured.one(aws.apigateway.BasePathMapping)
    stage = configured.one(aws.apigateway.Stage)

    assert (domain["domainName"], domain["securityPolicy"]) == (API, "TLS_1_2")
    assert domain["endpointConfiguration"]["types"] == "REGIONAL"
    assert domain["regionalCertificateArn"] == certificate(configured, API).arn
    assert mapping["domainName"] == API
    assert mapping["restApi"] == configured.one(aws.apigateway.RestApi).id
    assert mapping["stageName"] == mapping["basePath"] == stage["stageName"]
    assert stage in list(configured.dependencies_of(mapping))
    assert configured.outputs["apiUrl"] == f"https://{API}/{mapping['basePath']}/"


def test_the_distribution_still_uses_the_apis_default_endpoint(configured: Recording) -> None:
    api = configured.one(aws.apigateway.RestApi)
    (origin,) = [o for o in configured.one(aws.cloudfront.Distribution)["origins"] if o["originId"] == "api"]

    assert origin["domainName"].startswith(f"{api.id}.execute-api.")
    assert not api.get("disableExecuteApiEndpoint")


def test_the_custom_domain_is_used_everywhere(configured: Recording) -> None:
    (photos,) = [
        rule
        for cors in configured.of(aws.s3.BucketCorsConfiguration)
        for rule in cors["corsRules"]
        if "POST" in rule["allowedMethods"]
    ]
    environments = [
        function["environment"]["variables"]
        for function in configured.of(aws.lambda_.Function)
        if "send_invoice" in function["handler"]
    ]

    assert f"https://{SITE}/" in configured.one(aws.cognito.UserPoolClient)["callbackUrls"]
    assert photos["allowedOrigins"] == [f"https://{SITE}"]
    assert {value for each in environments for value in each.values() if "/pay" in value} == {
        f"https://{SITE}/v2/pay/",
        f"https://{SITE}/pay.html",
    }
    host = configured.one(aws.cloudfront.Distribution).outputs["domainName"]
    elsewhere = {each.type for each in configured.custom if host in str(each.inputs)}
    assert elsewhere == {aws.route53.Record.pulumi_type}


def test_the_api_can_have_a_domain_without_the_site() -> None:
    cafe = record_stack("dev", config={"cafe:apiDomain": API, "cafe:hostedZoneId": ZONE}, preview=True)

    assert [each["domainName"] for each in cafe.of(aws.acm.Certificate)] == [API]
    assert cafe.one(aws.cloudfront.Distribution).get("aliases") is None
