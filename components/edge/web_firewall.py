"""The firewall of the site and its API: AWS managed rules, and a rate limit per IP address.

AWS WAF inspects a request at the distribution, and again at the API's stage, which clients can also reach directly. The
rate limit applies where the client's own address is visible. Requests to the API are inspected at the API, so that a
refusal has the format of all its responses.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from ..rest_api.gateway_responses import ANY_ORIGIN, problem

CLOUDFRONT_REGION = "us-east-1"
"""Region of all resources that belong to CloudFront (AWS WAF developer guide, "Resources that you can protect with AWS
WAF"; CloudFront developer guide, "Requirements for using SSL/TLS certificates with CloudFront")."""

WINDOW_SECONDS = 300
"""Window in which the requests of an address are counted, and the `Retry-After` of a blocked request: by then, no
earlier request counts."""

ORIGIN_KEY_HEADER = "x-origin-key"
"""Header by which the API recognizes requests from the distribution."""

REDACTED: "Sequence[aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgsDict]" = [
    {"single_header": {"name": "authorization"}},
    {"single_header": {"name": "cookie"}},
    {"single_header": {"name": ORIGIN_KEY_HEADER}},
    {"uri_path": {}},
    {"query_string": {}},
]
"""Fields that the log must not contain. A payer's link, in the path, is as secret as a token."""

COUNTED = {
    "SizeRestrictions_BODY": "its limit is 8 KB; an order may have 64 KiB, and a photo in `POST /form` 2 MB and more",
    "CrossSiteScripting_BODY": "an item may be named `<b>`: names are stored as is and escaped when displayed",
    "GenericLFI_BODY": "an item may be named `../..`: no input becomes a file path",
    "GenericRFI_BODY": "an item may be named `http://10.0.0.1/`: no URL in the input is ever requested",
    "RestrictedExtensions_URIPATH": "an order ID may end in `.log`: the API serves no files",
    "NoUserAgent_HEADER": "the API has never required clients to send a `User-Agent`",
}
"""Rules of the common rule set that would block valid API requests, and why counting instead is safe (AWS WAF developer
guide, "Baseline rule groups", describes each rule)."""

MANAGED = ("AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesCommonRuleSet")
"""Rule groups that inspect the content of a request."""

REPUTATION = "AWSManagedRulesAmazonIpReputationList"
REPUTATION_RULES = ("AWSManagedIPReputationList", "AWSManagedReconnaissanceList")
"""The rules of that group that block; its third only counts."""

REFUSED: "aws.wafv2.WebAclLoggingConfigurationLoggingFilterArgsDict" = {
    "default_behavior": "DROP",
    "filters": [
        {"behavior": "KEEP", "requirement": "MEETS_ANY", "conditions": [{"action_condition": {"action": "BLOCK"}}]}
    ],
}
"""Log filter: keep blocked requests only."""

CORS_HEADERS = {**ANY_ORIGIN, "Access-Control-Expose-Headers": "Retry-After"}
"""Headers that let pages of any origin read the response to a blocked request."""

TOO_MANY = "There are too many requests from this address. Try again later."
BAD_ADDRESS = "Requests from this IP address are blocked."

Rule = dict[str, Any]


class WebFirewallArgs(TypedDict):
    """Inputs of `WebFirewall`."""

    api_path: str
    """The API's base path on the site, e.g. `/dev/`."""

    firewall_rate_limit: int
    """Maximum requests per IP address in five minutes; 10 to 2,000,000,000."""

    log_retention_days: int
    """Days to keep the log of blocked requests; a value that CloudWatch Logs accepts."""

    origin_key: pulumi.Input[str]
    """Value of the header `x-origin-key` in the distribution's requests to the API. These requests are already counted
    at the distribution and come from its addresses; requests without the header are counted at the API."""

    protect: NotRequired[bool]
    """Whether to keep the logs, for that long, after the firewall is destroyed. Default: false."""


class WebFirewall(pulumi.ComponentResource):
    """A web ACL for a distribution and one for an API's stage, with logs and metrics."""

    distribution_acl_arn: pulumi.Output[str]
    """ARN of the distribution's web ACL, for its `web_acl_id`."""

    def __init__(self, name: str, args: WebFirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:WebFirewall", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)

        distribution_acl = self._distribution_acl()
        self.distribution_acl_arn = distribution_acl.arn
        self._stage_acl = self._acl("api", "REGIONAL", self._stage_rules())
        self.register_outputs({"distribution_acl_arn": self.distribution_acl_arn})

    def attach_to(self, stage_arn: pulumi.Input[str]) -> None:
        """Attach the API's ACL to this stage."""
        aws.wafv2.WebAclAssociation(
            f"{self._name}-api", resource_arn=stage_arn, web_acl_arn=self._stage_acl.arn, opts=self._child
        )

    def _distribution_acl(self) -> "aws.wafv2.WebAcl":
        # Requests to the API are inspected there and refused in the API's format.
        outside_api = not_(starts_with(self._args["api_path"]))
        blocked = {name: {"block": refusal(HTTPStatus.FORBIDDEN, "bad-address")} for name in REPUTATION_RULES}
        rules = [
            rate_rule(self._args["firewall_rate_limit"]),
            managed_rule(REPUTATION, blocked),
            *(managed_rule(group, {}, outside_api) for group in MANAGED),
        ]
        return self._acl("site", "CLOUDFRONT", rules, CLOUDFRONT_REGION)

    def _stage_rules(self) -> list[Rule]:
        counted: dict[str, Rule] = {name: {"count": {}} for name in COUNTED}
        direct = not_(has_header(ORIGIN_KEY_HEADER, self._args["origin_key"]))
        return [
            rate_rule(self._args["firewall_rate_limit"], direct),
            managed_rule(REPUTATION, {}),
            *(managed_rule(group, counted if group == MANAGED[1] else {}) for group in MANAGED),
        ]

    def _acl(
        self, label: str, scope: Literal["CLOUDFRONT", "REGIONAL"], rules: Sequence[Rule], region: str | None = None
    ) -> "aws.wafv2.WebAcl":
        """A web ACL that allows what no rule blocks, and its log."""
        name = f"{self._name}-{label}"
        by_priority: list[Any] = [{**rule, "priority": priority} for priority, rule in enumerate(rules)]
        acl = aws.wafv2.WebAcl(
            name,
            scope=scope,
            region=region,
            default_action={"allow": {}},
            rules=by_priority,
            custom_response_bodies=[
                response_body("too-many", HTTPStatus.TOO_MANY_REQUESTS, TOO_MANY),
                response_body("bad-address", HTTPStatus.FORBIDDEN, BAD_ADDRESS),
            ],
            visibility_config=visibility(name),
            opts=self._child,
        )
        self._log(name, acl, region)
        return acl

    def _log(self, name: str, acl: "aws.wafv2.WebAcl", region: str | None) -> None:
        """Log blocked requests, without secrets."""
        log_group = aws.cloudwatch.LogGroup(
            f"{name}-log",
            # WAF requires this prefix.
            name_prefix=f"aws-waf-logs-{name}-",
            retention_in_days=self._args["log_retention_days"],
            skip_destroy=self._args.get("protect") or None,
            region=region,
            opts=self._child,
        )
        aws.wafv2.WebAclLoggingConfiguration(
            f"{name}-logging",
            resource_arn=acl.arn,
            log_destination_configs=[log_group.arn],
            redacted_fields=REDACTED,
            logging_filter=REFUSED,
            region=region,
            opts=self._child,
        )


def rate_rule(limit: int, counted: Rule | None = None) -> Rule:
    """A limit per IP address, for the requests that the statement `counted` matches, or for all."""
    statement: Rule = {"limit": limit, "evaluation_window_sec": WINDOW_SECONDS, "aggregate_key_type": "IP"}
    if counted:
        statement["scope_down_statement"] = counted
    return {
        "name": "rate-limit",
        "statement": {"rate_based_statement": statement},
        "action": {"block": refusal(HTTPStatus.TOO_MANY_REQUESTS, "too-many", {"Retry-After": str(WINDOW_SECONDS)})},
        "visibility_config": visibility("rate-limit"),
    }


def managed_rule(group: str, actions: Mapping[str, Rule], scope_down: Rule | None = None) -> Rule:
    """An AWS managed rule group with overridden `actions`, for the requests that `scope_down` matches, or for all."""
    overrides = [{"name": rule, "action_to_use": action} for rule, action in actions.items()]
    statement: Rule = {"vendor_name": "AWS", "name": group, "rule_action_overrides": overrides}
    if scope_down:
        statement["scope_down_statement"] = scope_down
    return {
        "name": group,
        "statement": {"managed_rule_group_statement": statement},
        "override_action": {"none": {}},
        "visibility_config": visibility(group),
    }


def refusal(status: HTTPStatus, body: str, headers: Mapping[str, str] | None = None) -> Rule:
    """The response to a blocked request. WAF accepts any header except `Content-Type`, which the body's type sets."""
    return {
        "custom_response": {
            "response_code": int(status),
            "custom_response_body_key": body,
            "response_headers": [
                {"name": name, "value": value} for name, value in {**CORS_HEADERS, **(headers or {})}.items()
            ],
        }
    }


def response_body(key: str, status: HTTPStatus, detail: str) -> "aws.wafv2.WebAclCustomResponseBodyArgsDict":
    """A problem document that refusals reference by its key."""
    return {"key": key, "content": problem(status, detail), "content_type": "APPLICATION_JSON"}


def starts_with(path: str) -> Rule:
    """The statement that the path starts with this text."""
    return _matches({"uri_path": {}}, "STARTS_WITH", path)


def has_header(name: str, value: pulumi.Input[str]) -> Rule:
    """The statement that a header has exactly this value."""
    return _matches({"single_header": {"name": name}}, "EXACTLY", value)


def not_(statement: Rule) -> Rule:
    """The statement that another does not match."""
    return {"not_statement": {"statement": statement}}


def visibility(name: str) -> "aws.wafv2.WebAclVisibilityConfigArgsDict":
    """Metrics under this name. No samples: for three hours, they would show what the log must not contain."""
    return {"cloudwatch_metrics_enabled": True, "metric_name": name, "sampled_requests_enabled": False}


def _matches(field: Rule, constraint: str, text: pulumi.Input[str]) -> Rule:
    return {
        "byte_match_statement": {
            "field_to_match": field,
            "positional_constraint": constraint,
            "search_string": text,
            "text_transformations": [{"priority": 0, "type": "NONE"}],
        }
    }
