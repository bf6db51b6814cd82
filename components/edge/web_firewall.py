"""The firewall before the site and its API: AWS's managed rules, and a limit to what one address may ask for.

AWS WAF looks at a request once at the distribution, and once more at the API's stage, which people can reach by its own
address as well. Each does its part: the limit holds where a visitor's own address is seen, and what is sent to the API
is looked into at the API, which answers a refusal like everything else.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from ..rest_api.gateway_responses import ANY_ORIGIN, problem

CLOUDFRONT_REGION = "us-east-1"
"""Where everything has to be made that belongs to CloudFront (AWS WAF developer guide, "Resources that you can protect
with AWS WAF"; CloudFront developer guide, "Requirements for using SSL/TLS certificates with CloudFront")."""

WINDOW_SECONDS = 300
"""Over how long the requests of an address are counted. One that is refused is told to come back after as long: by then
none of those before count any more."""

ORIGIN_KEY_HEADER = "x-origin-key"
"""The header by which the API's rules know what comes through the distribution."""

REDACTED: "Sequence[aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgsDict]" = [
    {"single_header": {"name": "authorization"}},
    {"single_header": {"name": "cookie"}},
    {"single_header": {"name": ORIGIN_KEY_HEADER}},
    {"uri_path": {}},
    {"query_string": {}},
]
"""What the log must not have. A payer's link is as secret as a token, and stands in the path."""

COUNTED = {
    "SizeRestrictions_BODY": "it takes 8 KB, where an order may have 64 KiB and a photo in `POST /form` 2 MB and more",
    "CrossSiteScripting_BODY": "an item may be called `<b>`: a name is kept as it is, and escaped where it is shown",
    "GenericLFI_BODY": "an item may be called `../..`: no text that is sent becomes the path of a file",
    "GenericRFI_BODY": "an item may be called `http://10.0.0.1/`: no address that is sent is ever asked for anything",
    "RestrictedExtensions_URIPATH": "an order's id may end in `.log`: behind the API are no files",
    "NoUserAgent_HEADER": "no client of the API has ever had to say what it is",
}
"""Rules of the common rule set that would refuse what the API takes, and why it is safe to only count what they find
(AWS WAF developer guide, "Baseline rule groups", has what each looks for)."""

MANAGED = ("AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesCommonRuleSet")
"""Groups of rules that look into a request."""

REPUTATION = "AWSManagedRulesAmazonIpReputationList"
REPUTATION_RULES = ("AWSManagedIPReputationList", "AWSManagedReconnaissanceList")
"""The rules of that group that refuse; its third only counts."""

REFUSED: "aws.wafv2.WebAclLoggingConfigurationLoggingFilterArgsDict" = {
    "default_behavior": "DROP",
    "filters": [
        {"behavior": "KEEP", "requirement": "MEETS_ANY", "conditions": [{"action_condition": {"action": "BLOCK"}}]}
    ],
}
"""What the log keeps."""

READABLE = {**ANY_ORIGIN, "Access-Control-Expose-Headers": "Retry-After"}
"""Lets pages of any origin read a refusal."""

TOO_MANY = "There are too many requests from this address. Try again later."
BAD_ADDRESS = "Requests from this address are refused."

Rule = dict[str, Any]


class WebFirewallArgs(TypedDict):
    """Inputs of `WebFirewall`."""

    api_path: str
    """The API's base path on the site, e.g. `/dev/`."""

    firewall_rate_limit: int
    """Requests that one address may make in five minutes; 10 to 2,000,000,000."""

    log_retention_days: int
    """Days that it is kept what was refused; one of the numbers that CloudWatch Logs allows."""

    protect: NotRequired[bool]
    """Whether the logs stay, for so long, when the firewall is destroyed. Default: no."""


class WebFirewall(pulumi.ComponentResource):
    """A web ACL for a distribution and one for an API's stage, with their logs and metrics."""

    distribution_acl_arn: pulumi.Output[str]
    """For the distribution's `web_acl_id`."""

    origin_headers: Mapping[str, pulumi.Output[str]]
    """What the distribution has to add to what it asks the API. Those requests were counted at the distribution, and
    come from its addresses; what carries no such header is counted at the API.

    It is the id of the distribution's ACL: a random UUID that AWS makes and shows to nobody outside of the account. Who
    learns it all the same escapes this one limit, and not that of the stage.
    """

    def __init__(self, name: str, args: WebFirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:WebFirewall", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)

        distribution_acl = self._distribution_acl()
        self.distribution_acl_arn = distribution_acl.arn
        self.origin_headers = {ORIGIN_KEY_HEADER: distribution_acl.id}
        self._stage_acl = self._acl("api", "REGIONAL", self._stage_rules())
        self.register_outputs({"distribution_acl_arn": self.distribution_acl_arn})

    def attach_to(self, stage_arn: pulumi.Input[str]) -> None:
        """Attach the API's ACL to this stage."""
        aws.wafv2.WebAclAssociation(
            f"{self._name}-api", resource_arn=stage_arn, web_acl_arn=self._stage_acl.arn, opts=self._child
        )

    def _distribution_acl(self) -> "aws.wafv2.WebAcl":
        # What goes to the API is looked into there, and refused in the API's own words.
        elsewhere = not_(starts_with(self._args["api_path"]))
        refused = {name: {"block": refusal(HTTPStatus.FORBIDDEN, "bad-address")} for name in REPUTATION_RULES}
        rules = [
            rate_rule(self._args["firewall_rate_limit"]),
            managed_rule(REPUTATION, refused),
            *(managed_rule(group, {}, elsewhere) for group in MANAGED),
        ]
        return self._acl("site", "CLOUDFRONT", rules, CLOUDFRONT_REGION)

    def _stage_rules(self) -> list[Rule]:
        counted: dict[str, Rule] = {name: {"count": {}} for name in COUNTED}
        direct = not_(has_header(ORIGIN_KEY_HEADER, self.origin_headers[ORIGIN_KEY_HEADER]))
        return [
            rate_rule(self._args["firewall_rate_limit"], direct),
            managed_rule(REPUTATION, {}),
            *(managed_rule(group, counted if group == MANAGED[1] else {}) for group in MANAGED),
        ]

    def _acl(
        self, label: str, scope: Literal["CLOUDFRONT", "REGIONAL"], rules: Sequence[Rule], region: str | None = None
    ) -> "aws.wafv2.WebAcl":
        """A web ACL that lets pass what no rule refuses, and its log."""
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
        """Keep what was refused, without what is secret."""
        log_group = aws.cloudwatch.LogGroup(
            f"{name}-log",
            # WAF writes to no group whose name begins otherwise.
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
    """A limit for each address, over the requests that the statement `counted` finds, or over all."""
    statement: Rule = {"limit": limit, "evaluation_window_sec": WINDOW_SECONDS, "aggregate_key_type": "IP"}
    if counted:
        statement["scope_down_statement"] = counted
    return {
        "name": "rate-limit",
        "statement": {"rate_based_statement": statement},
        "action": {"block": refusal(HTTPStatus.TOO_MANY_REQUESTS, "too-many", {"Retry-After": str(WINDOW_SECONDS)})},
        "visibility_config": visibility("rate-limit"),
    }


def managed_rule(group: str, actions: Mapping[str, Rule], looked_into: Rule | None = None) -> Rule:
    """A group of AWS's rules, with other `actions` for some, over what the statement `looked_into` finds, or all."""
    overrides = [{"name": rule, "action_to_use": action} for rule, action in actions.items()]
    statement: Rule = {"vendor_name": "AWS", "name": group, "rule_action_overrides": overrides}
    if looked_into:
        statement["scope_down_statement"] = looked_into
    return {
        "name": group,
        "statement": {"managed_rule_group_statement": statement},
        "override_action": {"none": {}},
        "visibility_config": visibility(group),
    }


def refusal(status: HTTPStatus, body: str, headers: Mapping[str, str] | None = None) -> Rule:
    """The answer to what is blocked. WAF takes every header but `Content-Type`, which comes from the body's kind."""
    return {
        "custom_response": {
            "response_code": int(status),
            "custom_response_body_key": body,
            "response_headers": [
                {"name": name, "value": value} for name, value in {**READABLE, **(headers or {})}.items()
            ],
        }
    }


def response_body(key: str, status: HTTPStatus, detail: str) -> "aws.wafv2.WebAclCustomResponseBodyArgsDict":
    """A problem document that refusals name by its key."""
    return {"key": key, "content": problem(status, detail), "content_type": "APPLICATION_JSON"}


def starts_with(path: str) -> Rule:
    """The statement that a path begins so."""
    return _matches({"uri_path": {}}, "STARTS_WITH", path)


def has_header(name: str, value: pulumi.Input[str]) -> Rule:
    """The statement that a header has this value and no other."""
    return _matches({"single_header": {"name": name}}, "EXACTLY", value)


def not_(statement: Rule) -> Rule:
    """The statement that another does not hold."""
    return {"not_statement": {"statement": statement}}


def visibility(name: str) -> "aws.wafv2.WebAclVisibilityConfigArgsDict":
    """Metrics under this name. No samples: they would show for three hours what the log must not have."""
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
