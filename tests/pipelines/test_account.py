"""The AWS resources of the workflows: the template creates them all and grants access only to the workflows."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "pipelines.md").read_text(encoding="utf-8")
ISSUER = "token.actions.githubusercontent.com"


class Loader(yaml.SafeLoader):
    """Loads YAML with CloudFormation's short forms: `!Ref X` becomes the text `X`."""


def _short_form(loader: Loader, tag: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.ScalarNode)
    return loader.construct_scalar(node)


Loader.add_multi_constructor("!", _short_form)
TEMPLATE = yaml.load((ROOT / ".github" / "aws" / "pipelines.yaml").read_text(encoding="utf-8"), Loader)  # noqa: S506  a subclass of SafeLoader
ROLES = {name: made["Properties"] for name, made in TEMPLATE["Resources"].items() if made["Type"] == "AWS::IAM::Role"}


def statements(name: str) -> list[dict[str, Any]]:
    return list(TEMPLATE["Resources"][name]["Properties"]["PolicyDocument"]["Statement"])


def test_each_role_trusts_only_its_own_jobs() -> None:
    subjects = {}
    for name, role in ROLES.items():
        [statement] = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
        # No looser condition, such as `StringLike`.
        assert statement["Condition"].keys() == {"StringEquals"}
        assert statement["Condition"]["StringEquals"][f"{ISSUER}:aud"] == "sts.amazonaws.com"
        subjects[name] = statement["Condition"]["StringEquals"][f"{ISSUER}:sub"]

    jobs = {
        "PreviewRole": ["pull_request"],
        "DriftRole": ["ref:refs/heads/main"],
        "UpRole": ["environment:dev", "environment:prod"],
    }
    # GitHub names a repository with or without the IDs of its owner and itself.
    assert subjects == {
        role: [
            subject
            for job in allowed
            for subject in (
                f"repo:${{Repository}}:{job}",
                ["HasIds", f"repo:${{RepositoryWithIds}}:{job}", "AWS::NoValue"],
            )
        ]
        for role, allowed in jobs.items()
    }


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("owner@1/cafe@2", True),
        ("", True),
        ("owner/cafe", False),
        ("owner@*/cafe@*", False),
        ("owner@1/cafe@2/x@3", False),
    ],
)
def test_a_name_with_ids_has_no_pattern(name: str, valid: bool) -> None:
    pattern = TEMPLATE["Parameters"]["RepositoryWithIds"]["AllowedPattern"]

    assert bool(re.fullmatch(pattern, name)) == valid


def test_a_pull_requests_program_can_only_read_the_state() -> None:
    assert ROLES["PreviewRole"]["ManagedPolicyArns"] == ["ReadState"]
    assert "Policies" not in ROLES["PreviewRole"]
    assert {action for each in statements("ReadState") for action in _listed(each["Action"])} == {
        "s3:ListBucket",
        "s3:GetObject",
        "kms:Decrypt",
        "states:ValidateStateMachineDefinition",
    }


def test_a_deployment_can_not_change_its_own_limits() -> None:
    """Their names begin like those of the café's roles and policies."""
    [denied] = [each for each in statements("OwnRoles") if each["Effect"] == "Deny"]

    assert denied["NotAction"] == ["iam:Get*", "iam:List*"]
    assert [resource.rpartition(":")[2] for resource in denied["Resource"]] == [
        "policy/cafe-pipelines-*",
        "role/cafe-pipelines-*",
    ]


def test_a_deployment_may_change_what_the_provider_changes() -> None:
    """The provider changes a role's description by a call of its own."""
    allowed = {action for each in statements("OwnRoles") if "Action" in each for action in each["Action"]}

    assert {"iam:UpdateRole", "iam:UpdateRoleDescription", "iam:UpdateAssumeRolePolicy"} <= allowed


@pytest.mark.parametrize(
    "action",
    [
        *("dynamodb:Query", "sqs:ReceiveMessage", "cognito-idp:ListUsers", "logs:GetLogEvents", "logs:StartLiveTail"),
        *("states:GetExecutionHistory", "states:DescribeExecution", "xray:BatchGetTraces", "xray:GetTraceSummaries"),
    ],
)
def test_the_drift_job_reads_no_data(action: str) -> None:
    denied, _ = ROLES["DriftRole"]["Policies"][0]["PolicyDocument"]["Statement"]

    assert (denied["Effect"], denied["Resource"]) == ("Deny", "*")
    assert action in denied["Action"]


def test_the_drift_job_reads_no_files_but_the_states_and_the_sites() -> None:
    _, files = ROLES["DriftRole"]["Policies"][0]["PolicyDocument"]["Statement"]

    assert files["Effect"] == "Deny"
    assert [resource.removeprefix("arn:${AWS::Partition}:s3:::") for resource in files["NotResource"]] == [
        "${State.Arn}/*",
        "cafe-*-site-web-*/*",
    ]


def test_credentials_outlast_the_slowest_release() -> None:
    """Ten steps of ten minutes."""
    up = yaml.safe_load((ROOT / ".github" / "workflows" / "up.yml").read_text(encoding="utf-8"))["jobs"]["up"]
    [seconds] = [step["with"]["seconds"] for step in up["steps"] if "seconds" in step.get("with", {})]

    assert 2 * 100 * 60 < int(seconds) == ROLES["UpRole"]["MaxSessionDuration"]
    assert up["timeout-minutes"] * 60 <= int(seconds)


def test_only_the_cafes_roles_can_be_created_and_only_with_a_boundary() -> None:
    bounded, free, _ = statements("OwnRoles")
    resources = [*_listed(bounded["Resource"]), *_listed(free["Resource"])]

    assert all(re.search(r":(role|policy)/cafe-\*$", resource) for resource in resources)
    assert bounded["Condition"]["ArnLike"]["iam:PermissionsBoundary"].endswith(":policy/cafe-*-boundary-*")
    # Actions that add permissions to a role or remove its boundary require the boundary.
    granting = {"iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary"}
    assert granting <= set(bounded["Action"])
    assert not (granting | {"iam:DeleteRolePermissionsBoundary"}) & set(free["Action"])


def test_the_docs_set_every_variable_that_the_workflows_read() -> None:
    sources = (ROOT / ".github").rglob("*.yml")
    read = {name for path in sources for name in re.findall(r"\bvars\.(\w+)", path.read_text(encoding="utf-8"))}

    assert set(re.findall(r"gh variable set (\w+)", DOCS)) == read


def test_the_docs_use_exactly_the_templates_outputs() -> None:
    assert set(re.findall(r"\$\(output (\w+)\)", DOCS)) == TEMPLATE["Outputs"].keys()


def test_the_docs_mention_every_workflow() -> None:
    files = {path.name for path in (ROOT / ".github" / "workflows").iterdir()} | {"dependabot.yml"}

    assert {name for name in files if f"`{name}`" not in DOCS} == set()


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
