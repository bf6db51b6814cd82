"""The optional parts in front of the site and the API, by setting: custom domains, a firewall, access logs."""

from collections.abc import Mapping

import pulumi

from ..settings import Settings
from ..static_site.args import SiteDomain
from ..static_site.site import StaticSite
from .access_logs import AccessLogs, AccessLogsArgs
from .custom_domain import CustomDomain
from .web_firewall import CLOUDFRONT_REGION, ORIGIN_KEY_HEADER, WebFirewall, WebFirewallArgs


class Edge:
    """Creates what `StaticSite` needs first; `attach_to_site` and `attach_to_api` create the rest."""

    site_domain: SiteDomain | None = None
    """The site's custom domain and its certificate, if it has one."""

    web_acl_arn: pulumi.Output[str] | None = None
    """ARN of the distribution's web ACL, if there is a firewall."""

    origin_headers: Mapping[str, pulumi.Input[str]]
    """Headers that the distribution adds to its requests to the API, which recognizes them by the origin key."""

    def __init__(self, prefix: str, settings: Settings, origin_key: pulumi.Input[str]) -> None:
        self._prefix = prefix
        self._settings = settings
        self.origin_headers = {ORIGIN_KEY_HEADER: origin_key}
        self._firewall: WebFirewall | None = None
        if settings.web_firewall:
            args: WebFirewallArgs = {
                "api_path": f"/{settings.stage_name}/",
                "origin_key": origin_key,
                **settings.inputs(WebFirewallArgs),
            }
            self._firewall = WebFirewall(f"{prefix}-firewall", args)
            self.web_acl_arn = self._firewall.distribution_acl_arn
        self._site_domain: CustomDomain | None = None
        if settings.site_domain:
            self._site_domain = self._domain("site-domain", settings.site_domain, CLOUDFRONT_REGION)
            self.site_domain = {
                "name": settings.site_domain,
                "certificate_arn": self._site_domain.certificate_arn,
            }

    def attach_to_site(self, site: StaticSite, buckets: Mapping[str, pulumi.Input[str]]) -> None:
        """Point the custom domain to the distribution, and log requests to it and to these buckets."""
        if self._site_domain:
            self._site_domain.point_at(site.distribution_host, site.distribution_zone_id)
        if self._settings.access_logs:
            AccessLogs(
                f"{self._prefix}-access-logs",
                {
                    "distribution_arn": site.distribution_arn,
                    "buckets": buckets,
                    **self._settings.inputs(AccessLogsArgs),
                },
            )

    def attach_to_api(
        self, api_id: pulumi.Input[str], stage_arn: pulumi.Input[str], stage_name: pulumi.Input[str]
    ) -> pulumi.Output[str] | None:
        """Attach the firewall and the custom domain to an API's stage. Returns the API's URL under that domain, if it
        has one."""
        if self._firewall:
            self._firewall.attach_to(stage_arn)
        domain = self._settings.api_domain
        if not domain:
            return None
        self._domain("api-domain", domain).point_at_api(api_id, stage_name)
        return pulumi.Output.from_input(f"https://{domain}/{self._settings.stage_name}/")

    def _domain(self, label: str, domain: str, certificate_region: str | None = None) -> CustomDomain:
        return CustomDomain(
            f"{self._prefix}-{label}",
            {
                "domain": domain,
                "hosted_zone_id": self._settings.hosted_zone_id,
                "certificate_region": certificate_region,
            },
        )
