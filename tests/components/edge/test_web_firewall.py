"""What the firewall sees, what it refuses, and what its log has."""

import json
import re
from typing import Any

import pulumi_aws as aws
import pytest

from components.rest_api.gateway_responses import GATEWAY_RESPONSES
from components.settings import LOG_RETENTION_DAYS
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
"""What AWS has in that group (AWS WAF developer guide, "Baseline rule groups"): it refuses an override of another."""

CAPACITY = {
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesCommonRuleSet": 700,
}
"""Of the same guide, in web ACL capacity units; 1,500 are in the price."""


def acl(cafe: Recording, scope: str) -> Recorded:
    (found,) = [each for each in cafe.of(aws.wafv2.WebAcl) if each["scope"] == scope]
    return found


def rules(cafe: Recording, scope: str) -> dict[str, dict[str, Any]]:
    return {rule["name"]: rule for rule in acl(cafe, scope)["rules"]}


def sees(rule: dict[str, Any], request: Request) -> bool:
    """Whether a rule looks at a request at all, read as WAF reads it."""
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
    """What the distribution adds to what it asks the API."""
    (origin,) = [o for o in cafe.one(aws.cloudfront.Distribution)["origins"] if o["originId"] == "api"]
    return {header["name"]: header["value"] for header in origin["customHeaders"]}


def test_there_is_none_unless_asked_for(dev: Recording, local: Recording) -> None:
    assert [str(r) for cafe in (dev, local) for r in cafe.custom if "wafv2" in r.type] == []
    assert dev.one(aws.cloudfront.Distribution).get("webAclId") is None
    assert origin_headers(dev) == {}


def test_production_has_one() -> None:
    assert len(recorded_stack("prod").of(aws.wafv2.WebAcl)) == 2


def test_one_stands_before_the_distribution_in_the_region_of_cloudfront(configured: Recording) -> None:
    site = acl(configured, "CLOUDFRONT")

    assert configured.one(aws.cloudfront.Distribution)["webAclId"] == site.arn
    parts = [each for each in configured.custom if each.name.startswith(site.name)]
    assert {each["region"] for each in parts} == {"us-east-1"}
    assert {each.type for each in parts} == {
        kind.pulumi_type for kind in (aws.wafv2.WebAcl, aws.wafv2.WebAclLoggingConfiguration, aws.cloudwatch.LogGroup)
    }


def test_one_stands_before_the_apis_stage_in_the_stacks_own_region(configured: Recording) -> None:
    api = acl(configured, "REGIONAL")
    association = configured.one(aws.wafv2.WebAclAssociation)

    assert association["webAclArn"] == api.arn
    assert association["resourceArn"] == configured.one(aws.apigateway.Stage).arn
    assert [each.get("region") for each in configured.custom if each.name.startswith(api.name)] == [None] * 4


@pytest.mark.parametrize("scope", ["CLOUDFRONT", "REGIONAL"])
def test_both_let_pass_what_no_rule_refuses(configured: Recording, scope: str) -> None:
    found = rules(configured, scope)

    assert acl(configured, scope)["defaultAction"] == {"allow": {}}
    assert found.keys() == {"rate-limit", *MANAGED}
    assert sorted(rule["priority"] for rule in found.values()) == [0, 1, 2, 3]
    assert {found[name]["statement"]["managedRuleGroupStatement"]["vendorName"] for name in MANAGED} == {"AWS"}
    assert [found[name]["overrideAction"] for name in MANAGED] == [{"none": {}}] * 3
    assert sum(CAPACITY[name] for name in MANAGED) < 1500


@pytest.mark.parametrize("scope", ["CLOUDFRONT", "REGIONAL"])
def test_the_limit_for_an_address_comes_from_the_config(configured: Recording, scope: str) -> None:
    statement = rules(configured, scope)["rate-limit"]["statement"]["rateBasedStatement"]

    assert statement["limit"] == int(CONFIGURED["firewallRateLimit"])
    assert (statement["aggregateKeyType"], statement["evaluationWindowSec"]) == ("IP", 300)


@pytest.mark.parametrize("path", ["/", "/index.html", "/v2/orders", "/v2/pay/x"])
def test_the_distribution_counts_every_request_and_looks_at_every_address(configured: Recording, path: str) -> None:
    site = rules(configured, "CLOUDFRONT")

    assert sees(site["rate-limit"], request(path))
    assert sees(site["AWSManagedRulesAmazonIpReputationList"], request(path))


@pytest.mark.parametrize(
    ("path", "here"),
    [("/", True), ("/app.js", True), ("/v2", True), ("/V2/orders", True), ("/v2/orders", False), ("//v2/orders", True)],
)
def test_what_goes_to_the_api_is_looked_into_there_and_the_rest_here(
    configured: Recording, path: str, here: bool
) -> None:
    for group in ("AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesCommonRuleSet"):
        assert sees(rules(configured, "CLOUDFRONT")[group], request(path)) == here
        assert sees(rules(configured, "REGIONAL")[group], request(path))


def test_the_part_that_is_looked_into_at_the_api_is_what_the_distribution_sends_there(configured: Recording) -> None:
    (behaviour,) = configured.one(aws.cloudfront.Distribution)["orderedCacheBehaviors"]
    rule = rules(configured, "CLOUDFRONT")["AWSManagedRulesCommonRuleSet"]

    assert behaviour["targetOriginId"] == "api"
    assert not sees(rule, request(behaviour["pathPattern"].replace("*", "anything")))


def test_the_api_counts_who_comes_to_it_straight_and_not_who_comes_through_the_distribution(
    configured: Recording,
) -> None:
    limit = rules(configured, "REGIONAL")["rate-limit"]

    assert not sees(limit, request("/v2/orders", **origin_headers(configured)))
    assert sees(limit, request("/v2/orders"))
    forged = {"x-origin-key": "guessed", "x-forwarded-for": "10.0.0.1", "user-agent": "Amazon CloudFront"}
    assert sees(limit, request("/v2/orders", **forged))


def test_by_an_id_that_nobody_outside_the_account_is_shown(configured: Recording) -> None:
    (acl,) = [acl for acl in configured.of(aws.wafv2.WebAcl) if acl["scope"] == "CLOUDFRONT"]

    assert origin_headers(configured) == {"x-origin-key": acl.id}
    assert [name for name, value in configured.outputs.items() if acl.id in str(value)] == []


def test_what_the_api_takes_is_counted_and_not_refused(configured: Recording) -> None:
    group = rules(configured, "REGIONAL")["AWSManagedRulesCommonRuleSet"]["statement"]["managedRuleGroupStatement"]
    overrides = {each["name"]: each["actionToUse"] for each in group["ruleActionOverrides"]}

    # Bodies of 2 MB and more; names as `<b>`, `../..` and `http://10.0.0.1`; ids as `a.log`; and anonymous clients.
    assert overrides == {
        name: {"count": {}}
        for name in [
            *("SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY", "GenericRFI_BODY"),
            *("RestrictedExtensions_URIPATH", "NoUserAgent_HEADER"),
        ]
    }
    assert overrides.keys() <= COMMON_RULES


def test_nothing_else_is_let_pass(configured: Recording) -> None:
    counted = {
        (scope, group)
        for scope in ("CLOUDFRONT", "REGIONAL")
        for group in MANAGED
        for each in rules(configured, scope)[group]["statement"]["managedRuleGroupStatement"]["ruleActionOverrides"]
        if "block" not in each["actionToUse"]
    }

    assert counted == {("REGIONAL", "AWSManagedRulesCommonRuleSet")}


def answers(cafe: Recording, scope: str) -> dict[str, tuple[int, dict[str, Any], dict[str, str]]]:
    """Status, body and headers of every answer that an ACL gives itself, by the name of the rule."""
    bodies = {body["key"]: body for body in acl(cafe, scope)["customResponseBodies"]}
    actions = {name: rule["action"] for name, rule in rules(cafe, scope).items() if "action" in rule}
    for name in MANAGED:
        group = rules(cafe, scope)[name]["statement"]["managedRuleGroupStatement"]
        actions |= {each["name"]: each["actionToUse"] for each in group["ruleActionOverrides"]}
    custom = {name: action["block"]["customResponse"] for name, action in actions.items() if "block" in action}
    assert {body["contentType"] for body in bodies.values()} == {"APPLICATION_JSON"}
    return {
        name: (
            answer["responseCode"],
            json.loads(bodies[answer["customResponseBodyKey"]]["content"]),
            {header["name"]: header["value"] for header in answer["responseHeaders"]},
        )
        for name, answer in custom.items()
    }


@pytest.mark.parametrize("scope", ["CLOUDFRONT", "REGIONAL"])
def test_who_asks_too_often_is_told_when_to_come_back(configured: Recording, scope: str) -> None:
    status, problem, headers = answers(configured, scope)["rate-limit"]

    assert (status, problem["status"], problem["title"]) == (429, 429, "Too Many Requests")
    assert headers["Retry-After"] == "300"


@pytest.mark.parametrize("scope", ["CLOUDFRONT", "REGIONAL"])
def test_every_answer_is_a_problem_that_pages_elsewhere_can_read(configured: Recording, scope: str) -> None:
    found = answers(configured, scope)

    for status, problem, headers in found.values():
        assert problem.keys() == {"type", "title", "status", "detail"}
        assert problem["status"] == status
        assert headers["Access-Control-Allow-Origin"] == "*"
        # WAF refuses an ACL that gives this header itself.
        assert "content-type" not in {name.lower() for name in headers}


def test_a_bad_address_is_refused_at_the_distribution_with_a_problem(configured: Recording) -> None:
    found = answers(configured, "CLOUDFRONT")

    assert {found[name][0] for name in ("AWSManagedIPReputationList", "AWSManagedReconnaissanceList")} == {403}


def test_what_is_refused_at_the_api_is_answered_by_the_gateway(configured: Recording) -> None:
    assert answers(configured, "REGIONAL").keys() == {"rate-limit"}
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
def test_what_is_refused_is_logged_without_what_is_secret(configured: Recording, scope: str) -> None:
    web_acl = acl(configured, scope)
    logging = configured.one(aws.wafv2.WebAclLoggingConfiguration, f"{web_acl.name}-logging")
    log_group = configured.one(aws.cloudwatch.LogGroup, f"{web_acl.name}-log")

    assert logging["resourceArn"] == web_acl.arn
    assert logging["logDestinationConfigs"] == [log_group.arn]
    # WAF writes to no other group.
    assert log_group["namePrefix"].startswith("aws-waf-logs-cafe-dev-")
    assert log_group["retentionInDays"] in LOG_RETENTION_DAYS
    (kept,) = logging["loggingFilter"]["filters"]
    assert (logging["loggingFilter"]["defaultBehavior"], kept["behavior"]) == ("DROP", "KEEP")
    assert kept["conditions"] == [{"actionCondition": {"action": "BLOCK"}}]
    redacted = logging["redactedFields"]
    headers = {field["singleHeader"]["name"] for field in redacted if "singleHeader" in field}
    assert headers == {"authorization", "cookie", *origin_headers(configured)}
    # The secret of a payer's link stands in the path, the names of customers in both.
    assert [field for field in redacted if "singleHeader" not in field] == [{"uriPath": {}}, {"queryString": {}}]
