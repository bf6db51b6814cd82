"""Inputs that a program no longer sets return to AWS's defaults, or the resource is replaced."""

import pytest

from local.deployment import ResourceFailed, deploy
from local.state import State
from tests.local.conftest import program

ALLOWED = """'{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:*", %s"Resource": "*"}}'"""
INLINE = ALLOWED % ""
POLICY = ALLOWED % '"Principal": "*", '
TRUST = """'{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:*"}}'"""


@pytest.fixture
def redeployed(aws, tmp_path):
    """Deploys a body with arguments, and then without. Returns the outputs."""

    def redeployed(body, arguments):
        state = State()
        deploy(program(tmp_path, body.replace("ARGUMENTS", arguments)), aws, state)
        return deploy(program(tmp_path, body.replace("ARGUMENTS", "")), aws, state)

    return redeployed


def test_policies_of_a_role(aws, redeployed):
    role = f'role = aws.iam.Role("r", assume_role_policy={TRUST}, ARGUMENTS)\npulumi.export("name", role.name)'
    managed = 'managed_policy_arns=["arn:aws:iam::aws:policy/AmazonSQSFullAccess"]'
    name = redeployed(role, f'{managed}, inline_policies=[{{"name": "in", "policy": {INLINE}}}]')["name"]

    assert aws.client("iam").list_attached_role_policies(RoleName=name)["AttachedPolicies"] == []
    assert aws.client("iam").list_role_policies(RoleName=name)["PolicyNames"] == []


def test_the_policy_of_a_queue(aws, redeployed):
    url = redeployed('q = aws.sqs.Queue("q", ARGUMENTS)\npulumi.export("url", q.url)', f"policy={POLICY}")["url"]

    attributes = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert not attributes.get("Policy")


def test_settings_of_an_http_api(aws, redeployed):
    api = 'api = aws.apigatewayv2.Api("a", protocol_type="HTTP", ARGUMENTS)\npulumi.export("id", api.id)'
    id_ = redeployed(api, 'description="old", cors_configuration={"allow_origins": ["*"]}')["id"]

    found = aws.client("apigatewayv2").get_api(ApiId=id_)
    assert not found.get("Description")
    assert not found.get("CorsConfiguration")


def test_an_input_that_a_described_type_does_not_have_is_refused(aws, tmp_path):
    rule = 'aws.cloudwatch.EventRule("r", schedule_expression="rate(1 minute)", is_enabled=False)'

    with pytest.raises(ResourceFailed, match="EventRule r: the local run does not support the inputs isEnabled"):
        deploy(program(tmp_path, rule), aws, State())
