"""A custom domain: a certificate, validated by DNS, and records that point to a target."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws


class CustomDomainArgs(TypedDict):
    """Inputs of `CustomDomain`."""

    domain: str
    """The host name, e.g. `cafe.example.com`."""

    hosted_zone_id: str
    """ID of the Route 53 hosted zone of the domain, which its records are created in."""

    certificate_region: NotRequired[str | None]
    """Region of the certificate: us-east-1 for CloudFront. Default: the stack's region."""


class CustomDomain(pulumi.ComponentResource):
    """Certificate and records of a host name. `point_at` or `point_at_api` sets its target."""

    name: str
    certificate_arn: pulumi.Output[str]
    """Known once the certificate is valid, so that dependents wait for it."""

    def __init__(self, name: str, args: CustomDomainArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:CustomDomain", name, None, opts)
        self._name = name
        self.name = args["domain"]
        self._zone_id = args["hosted_zone_id"]
        self._child = pulumi.ResourceOptions(parent=self)
        self.certificate_arn = self._certificate(args.get("certificate_region"))
        self.register_outputs({"certificate_arn": self.certificate_arn})

    def point_at(self, host: pulumi.Input[str], hosted_zone_id: pulumi.Input[str]) -> None:
        """Point the name to an AWS host, for IPv4 and IPv6. Alias queries are free."""
        for kind in ("A", "AAAA"):
            aws.route53.Record(
                f"{self._name}-{kind.lower()}",
                zone_id=self._zone_id,
                name=self.name,
                type=kind,
                aliases=[{"name": host, "zone_id": hosted_zone_id, "evaluate_target_health": False}],
                opts=self._child,
            )

    def point_at_api(self, api_id: pulumi.Input[str], stage_name: pulumi.Input[str]) -> None:
        """Point the name to a REST API, whose stage remains the first segment of every path. The API remains available
        at its own host name, which the distribution uses."""
        domain = aws.apigateway.DomainName(
            f"{self._name}-api",
            domain_name=self.name,
            regional_certificate_arn=self.certificate_arn,
            endpoint_configuration={"types": "REGIONAL"},
            security_policy="TLS_1_2",
            opts=self._child,
        )
        aws.apigateway.BasePathMapping(
            f"{self._name}-api",
            domain_name=domain.domain_name,
            rest_api=api_id,
            stage_name=stage_name,
            base_path=stage_name,
            opts=self._child,
        )
        self.point_at(domain.regional_domain_name, domain.regional_zone_id)

    def _certificate(self, region: str | None) -> pulumi.Output[str]:
        certificate = aws.acm.Certificate(
            f"{self._name}-certificate",
            domain_name=self.name,
            validation_method="DNS",
            region=region,
            opts=self._child,
        )
        # One per name, and there is only one name.
        proof = certificate.domain_validation_options[0]
        record = aws.route53.Record(
            f"{self._name}-proof",
            zone_id=self._zone_id,
            name=proof.resource_record_name,
            type=proof.resource_record_type,
            records=[proof.resource_record_value],
            ttl=300,
            opts=self._child,
        )
        return aws.acm.CertificateValidation(
            f"{self._name}-validation",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            region=region,
            opts=self._child,
        ).certificate_arn
