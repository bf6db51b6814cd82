"""The web firewall: its rules, their scope, its responses and its log."""

import hashlib
import json
import re
from typing import Any

import pulumi_aws as aws
import pytest

from components.rest_api.gateway_responses import GATEWAY_RESPONSES
from components.settings import LOG_RETENTION_DAYS
from lambdas.runtime.http import ORIGIN_KEY_HEADER
from tests.components.recorder import CONFIGURED, Recorded, Recording, recorded_stack

Request = dict[str, Any]

MANAGED = {
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
}

COMMON_RULES = {
    *("NoUserAgent_HEADER", "UserAgent_BadBots_HEADER", "SizeRestrictions_QUERYSTRING"),
    *("SizeRestrictions_Cookie_HEADER", "SizeRestrictions_BODY", "SizeRestrictions_URIPATH"),
    *("EC2MetaDataSSRF_BODY", "EC2MetaDataSSRF_COOKIE", "EC2MetaDataSSRF_URIPATH", "EC2MetaDataSSRF_QUERYARGUMENTS"),
    *("GenericLFI_QUERYARGUMENTS", "GenericLFI_URIPATH", "GenericLFI_BODY"),
    *("RestrictedExtensions_URIPATH", "RestrictedExtensions_QUERYARGUMENTS"),
    *("GenericRFI_QUERYARGUMENTS", "GenericRFI_BODY", "GenericRFI_URIPATH"),
    *("CrossSiteScripting_COOKIE", "CrossSiteScripting_QUERYARGUMENTS", "CrossSiteScripting_BODY"),
    "CrossSiteScripting_URIPATH",
}
"""The rules of that group (AWS WAF developer guide, "Baseline rule groups"). WAF rejects overrides of other rules."""

CAPACITY = {
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesCommonRuleSet": 700,
}
"""In web ACL capacity units (WCU), from the same guide. The price of a web ACL includes 1,500."""


def acl(cafe: Recording, scope: str) -> Recorded:
    (found,) = [each for each in cafe.of(aws.wafv2.WebAcl) if each["scope"] == scope]
    return found


def rules(cafe: Recording, scope: str) -> dict[str, dict[str, Any]]:
    return {rule["name"]: rule for rule in acl(cafe, scope)["rules"]}


def inspects(rule: dict[str, Any], request: Request) -> bool:
    """Whether a rule's scope-down statement, if any, matches the request."""
    ((_, statement),) = rule["statement"].items()
    return holds(statement["scopeDownStatement"], request) if "scopeDownStatement" in statement else True


def holds(statement: dict[str, Any], request: Request) -> bool:
    ((kind, content),) = statement.items()
    if kind == "notStatement":
        return not holds(content["statement"], request)
    assert kind == "byteMatchStatement", kind
    assert content["textTransformations"] == [{"priority": 0, "type": "NONE"}]
    field = content["fieldToMatch"]
    text = request["path"] if "uriPath" in field else request["headers"].get(field["singleHeader"]["name"], "")
    return {"STARTS_WITH": text.startswith, "EXACTLY": text.__eq__}[content["positionalConstraint"]](
        content["searchString"]
    )


def request(path: str = "/", **headers: str) -> Request:
    return {"path": path, "headers": headers}


def origin_headers(cafe: Recording) -> dict[str, str]:
    """The headers that the distribution adds to its requests to the API."""
    (origin,) = [o for o in cafe.one(aws.cloudfront.Distribution)["origins"] if o["originId"] == "api"]
    return {header["name"]: header["value"] for header in origin["customHeaders"]}


def test_it_is_off_by_default(dev: Recording, local: Recording) -> None:
    assert [str(r) for cafe in (dev, local) for r in cafe.custom if "wafv2" in r.type] == []
    assert dev.one(aws.cloudfront.Distribution).get("webAclId") is None


def test_production_has_two_web_acls() -> None:
    assert len(recorded_stack("prod").of(aws.wafv2.WebAcl)) == 2


def test_one_web_acl_protects_the_distribution_in_us_east_1(configured: Recording) -> None:
    site = acl(configured, "CLOUDFRONT")

    assert configured.one(aws.cloudfront.Distribution)["webAclId"] == site.arn
    parts = [each for each in configured.custom if each.name.startswith(site.name)]
    assert {each["region"] for each in parts} == {"us-east-1"}
    assert {each.type for each in parts} == {
        kind.pulumi_type for kind in (aws.wafv2.WebAcl, aws.wafv2.WebAclLoggingConfiguration, aws.cloudwatch.LogGroup)
    }


def test_one_web_acl_protects_the_api_stage_in_the_stacks_region(configured: Recording) -> None:
    api = acl(configured, "REGIONAL")
    association = configured.one(aws.wafv2.WebAclAssociation)

    assert association["webAclArn"] == api.arn
    assert association["resourceArn"] == configured.one(aws.apigateway.Stage).arn
    assert [each.get("region") for each in configured.custom if each.name.startswith(api.name)] == [None] * 4


@pytest.mark.parametrize("scope", ["CLOUDFRONT", "REGIONAL"])
def test_both_allow_requests_that_no_rule_blocks(configured: Recording, scope: str) -> None:
    found = rules(configured, scope)

    assert acl(configured, scope)["defaultAction"] == {"allow": {}}
    assert found.keys() == {"rate-limit", *MANAGED}
    assert sorted(rule["priority"] for rule in found.values()) == [0, 1, 2, 3]
    assert {found[name]["statement"]["managedRuleGroupStatement"]["vendorName"] for name in MANAGED} == {"AWS"}
    assert [found[name]["overrideAction"] for name in MANAGED] == [{"none": {}}] * 3
    assert sum(CAPACITY[name] for name in MANAGED) < 1500


@pytest.mark.parametrize("scope", ["CLOUDFRONT", "REGIONAL"])
def test_the_rate_limit_comes_from_the_config(configured: Recording, scope: str) -> None:
    statement = rules(configured, scope)["rate-limit"]["statement"]["rateBasedStatement"]

    assert statement["limit"] == int(CONFIGURED["firewallRateLimit"])
    assert (statement["aggregateKeyType"], statement["evaluationWindowSec"]) == ("IP", 300)


@pytest.mark.parametrize("path", ["/", "/index.html", "/v2/orders", "/v2/pay/x"])
def test_the_distribution_checks_rate_and_reputation_of_every_request(configured: Recording, path: str) -> None:
    site = rules(configured, "CLOUDFRONT")

    assert inspects(site["rate-limit"], request(path))
    assert inspects(site["AWSManagedRulesAmazonIpReputationList"], request(path))


@pytest.mark.parametrize(
    ("path", "inspected"),
    [("/", True), ("/app.js", True), ("/v2", True), ("/V2/orders", True), ("/v2/orders", False), ("//v2/orders", True)],
)
def test_requests_to_the_api_are_inspected_there_and_others_at_the_distribution(
    configured: Recording, path: str, inspected: bool
) -> None:
    for group in ("AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesCommonRuleSet"):
        assert inspects(rules(configured, "CLOUDFRONT")[group], request(path)) == inspected
        assert inspects(rules(configured, "REGIONAL")[group], request(path))


def test_the_distribution_skips_only_the_paths_that_it_routes_to_the_api(configured: Recording) -> None:
    rule = rules(configured, "CLOUDFRONT")["AWSManagedRulesCommonRuleSet"]

    for behavior in configured.one(aws.cloudfront.Distribution)["orderedCacheBehaviors"]:
        assert behavior["targetOriginId"] == "api"
        assert not inspects(rule, request(behavior["pathPattern"].replace("*", "anything")))


def test_the_api_rate_limits_only_direct_requests(
    configured: Recording,
) -> None:
    limit = rules(configured, "REGIONAL")["rate-limit"]

    assert not inspects(limit, request("/v2/orders", **origin_headers(configured)))
    assert inspects(limit, request("/v2/orders"))
    forged = {"x-origin-key": "guessed", "x-forwarded-for": "10.0.0.1", "user-agent": "Amazon CloudFront"}
    assert inspects(limit, request("/v2/orders", **forged))


def test_the_origin_key_is_not_public(configured: Recording) -> None:
    key = configured.one(aws.apigateway.ApiKey).outputs["value"]

    assert origin_headers(configured) == {ORIGIN_KEY_HEADER: key}
    assert [name for name, value in configured.outputs.items() if key in str(value)] == []
    functions = [function["environment"]["variables"] for function in configured.of(aws.lambda_.Function)]
    assert key not in str(functions)
    digests = [each["ORIGIN_KEY_SHA256"] for each in functions if "ORIGIN_KEY_SHA256" in each]
    assert digests == [hashlib.sha256(key.encode()).hexdigest()]


def test_without_a_firewall_the_distribution_sends_it_too(dev: Recording) -> None:
    assert list(origin_headers(dev)) == [ORIGIN_KEY_HEADER]


def test_rules_that_valid_requests_match_only_count(configured: Recording) -> None:
    group = rules(configured, "REGIONAL")["AWSManagedRulesCommonRuleSet"]["statement"]["managedRuleGroupStatement"]
    overrides = {each["name"]: each["actionToUse"] for each in group["ruleActionOverrides"]}

    # Bodies of 2 MB and more; names like `<b>`, `../..` and `http://10.0.0.1`; IDs like `a.log`; no User-Agent header.
    assert overrides == {
        name: {"count": {}}
        for name in [
            *("SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY", "GenericRFI_BODY"),
            *("RestrictedExtensions_URIPATH", "NoUserAgent_HEADER"),
        ]
    }
    assert overrides.keys() <= COMMON_RULES


def test_no_other_rule_only_counts(configured: Recording) -> None:
    counted = {
        (scope, group)
        for scope in ("CLOUDFRONT", "REGIONAL")
        for group in MANAGED
        for each in rules(configured, scope)[group]["statement"]["managedRuleGroupStatement"]["ruleActionOverrides"]
        if "block" not in each["actionToUse"]
    }

    assert counted == {("REGIONAL", "AWSManagedRulesCommonRuleSet")}


def responses(cafe: Recording, scope: str) -> dict[str, tuple[int, dict[str, Any], dict[str, str]]]:
    """The status, body and headers of each custom response of a web ACL, by rule name."""
    bodies = {body["key"]: body for body in acl(cafe, scope)["customResponseBodies"]}
    actions = {name: rule["action"] for name, rule in rules(cafe, scope).items() if "action" in rule}
    for name in MANAGED:
        group = rules(cafe, scope)[name]["statement"]["managedRuleGroupStatement"]
        actions |= {each["name"]: each["actionToUse"] for each in group["ruleActionOverrides"]}
    custom = {name: action["block"]["customResponse"] for name, action in actions.items() if "block" in action}
    assert {body["contentType"] for body in bodies.values()} == {"APPLICATION_JSON"}
    return {
        name: (
            response["responseCode"],
            json.loads(bodies[response["customResponseBodyKey"]]["content"]),
            {header["name"]: header["value"] for header in response["responseHeaders"]},
        )
        for name, response in custom.items()
    }


@pytest.mark.parametrize("scope", ["CLOUDFRONT", "REGIONAL"])
def test_rate_limited_clients_get_a_retry_after_header(configured: Recording, scope: str) -> None:
    status, problem, headers = responses(configured, scope)["rate-limit"]

    assert (status, problem["status"], problem["title"]) == (429, 429, "Too Many Requests")
    assert headers["Retry-After"] == "300"


@pytest.mark.parametrize("scope", ["CLOUDFRONT", "REGIONAL"])
def test_every_response_is_a_problem_readable_across_origins(configured: Recording, scope: str) -> None:
    found = responses(configured, scope)

    for status, problem, headers in found.values():
        assert problem.keys() == {"type", "title", "status", "detail"}
        assert problem["status"] == status
        assert headers["Access-Control-Allow-Origin"] == "*"
        # WAF rejects a web ACL that sets this header.
        assert "content-type" not in {name.lower() for name in headers}


def test_the_distribution_blocks_bad_addresses_with_403(configured: Recording) -> None:
    found = responses(configured, "CLOUDFRONT")

    assert {found[name][0] for name in ("AWSManagedIPReputationList", "AWSManagedReconnaissanceList")} == {403}


def test_the_gateway_responds_for_blocked_api_requests(configured: Recording) -> None:
    assert responses(configured, "REGIONAL").keys() == {"rate-limit"}
    assert 403 in [response.status for response in GATEWAY_RESPONSES if response.type == "WAF_FILTERED"]


def test_both_have_metrics_and_no_samples(configured: Recording) -> None:
    shown = [
        each["visibilityConfig"]
        for scope in ("CLOUDFRONT", "REGIONAL")
        for each in (acl(configured, scope), *rules(configured, scope).values())
    ]

    assert {(each["cloudwatchMetricsEnabled"], each["sampledRequestsEnabled"]) for each in shown} == {(True, False)}
    assert [each for each in shown if not re.fullmatch(r"[A-Za-z0-9_-]{1,128}", each["metricName"])] == []


@pytest.mark.parametrize("scope", ["CLOUDFRONT", "REGIONAL"])
def test_blocked_requests_are_logged_without_secrets(configured: Recording, scope: str) -> None:
    web_acl = acl(configured, scope)
    logging = configured.one(aws.wafv2.WebAclLoggingConfiguration, f"{web_acl.name}-logging")
    log_group = configured.one(aws.cloudwatch.LogGroup, f"{web_acl.name}-log")

    assert logging["resourceArn"] == web_acl.arn
    assert logging["logDestinationConfigs"] == [log_group.arn]
    # WAF requires this prefix.
    assert log_group["namePrefix"].startswith("aws-waf-logs-cafe-dev-")
    assert log_group["retentionInDays"] in LOG_RETENTION_DAYS
    (kept,) = logging["loggingFilter"]["filters"]
    assert (logging["loggingFilter"]["defaultBehavior"], kept["behavior"]) == ("DROP", "KEEP")
    assert kept["conditions"] == [{"actionCondition": {"action": "BLOCK"}}]
    redacted = logging["redactedFields"]
    headers = {field["singleHeader"]["name"] for field in redacted if "singleHeader" in field}
    assert headers == {"authorization", "cookie", *origin_headers(configured)}
    # A payment link's secret is in the path; customer names are in the path and the query string.
    assert [field for field in redacted if "singleHeader" not in field] == [{"uriPath": {}}, {"queryString": {}}]
