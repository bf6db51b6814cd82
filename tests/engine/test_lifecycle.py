"""The stack dev through Pulumi's own engine: preview, up, an edit, refresh, destroy. The tests build on each other."""

import re

import pytest

from local.engine import preview
from local.project import load_project
from tests.engine.pulumi import Change
from tests.local.inventory import inventory

FUNCTION = "aws:lambda/function:Function"
GET_ORDER = "cafe-dev-orders-get-order"


@pytest.fixture(scope="module")
def nothing(engine_aws):
    """What is in the emulator before the first test."""
    return inventory(engine_aws)


def test_a_preview_lists_what_the_local_preview_does(dev, project, nothing):
    expected = load_project(project, "dev", ["functionLayer=false"])

    run = dev.preview()

    assert run.messages == []
    listed = {(it.type, it.name) for it in preview(expected).resources if it.type != "pulumi:pulumi:Stack"}
    assert set(run.resources) == listed


def test_up_creates_everything(dev, engine_aws, nothing):
    run = dev.up()

    assert run.messages == []
    assert len(inventory(engine_aws) - nothing) > 120


def test_another_up_changes_nothing(dev):
    run = dev.up()

    assert (run.changes, run.messages) == ([], [])


def test_an_edited_function_is_the_only_change(dev, project):
    module = project / "lambdas/get_order.py"
    module.write_text(module.read_text() + "\n# another line\n")

    run = dev.up()

    assert run.changes == [Change("update", FUNCTION, GET_ORDER, ("code",))]


@pytest.mark.long
def test_no_changes_are_expected_and_found_by_refresh(dev):
    assert dev.preview(expect_no_changes=True).changes == []

    run = dev.refresh()

    assert (run.refreshed, run.messages) == (set(), [])


@pytest.mark.long
def test_what_has_vanished_is_found_by_refresh_and_created_again(dev, engine_aws):
    functions = engine_aws.client("lambda")
    [name] = [
        it["FunctionName"]
        for page in functions.get_paginator("list_functions").paginate()
        for it in page["Functions"]
        if re.fullmatch(f"{GET_ORDER}-[0-9a-f]{{7}}", it["FunctionName"])
    ]
    functions.delete_function(FunctionName=name)

    assert dev.refresh().refreshed == {GET_ORDER}
    assert ("create", FUNCTION, GET_ORDER) in [change[:3] for change in dev.up().changes]
    assert dev.preview(expect_no_changes=True).changes == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("path", "updated"),
    [
        ("lambdas/identity/sign_in.py", {"cafe-dev-auth-authenticate"}),
        ("lambdas/api/bodies.py", set()),
        ("components/blocks/iam.py", set()),
    ],
)
def test_an_edited_module_updates_the_functions_that_import_it(dev, project, path, updated):
    module = project / path
    module.write_text(module.read_text() + "\n# another line\n")

    assert dev.up().changes == [Change("update", FUNCTION, name, ("code",)) for name in updated]


@pytest.mark.long
def test_other_settings_are_applied_and_taken_back(dev):
    before = dev.file.read_text()
    dev.configure({"cafe:stageName": "v2", "cafe:workflow": True, "cafe:snapStart": True, "cafe:logRetentionDays": 30})

    run = dev.up()

    assert run.messages == []
    assert {change.operation for change in run.changes} >= {"create", "update", "create-replacement", "delete-replaced"}
    assert dev.preview(expect_no_changes=True).changes == []

    dev.file.write_text(before)
    assert dev.up().messages == []
    assert dev.preview(expect_no_changes=True).changes == []


def test_destroy_leaves_nothing_in_an_order_that_aws_accepts(dev, engine_aws, nothing):
    # The provider refuses what AWS would refuse (`deletion_rules`). Two versions of a photo:
    s3 = engine_aws.client("s3")
    [photos] = [it["Name"] for it in s3.list_buckets()["Buckets"] if "photos" in it["Name"]]
    for _ in range(2):
        s3.put_object(Bucket=photos, Key="a/photo", Body=b"")

    run = dev.destroy()

    assert run.messages == []
    # The account's log role and its boundary are shared with the region's other APIs.
    left = sorted(found.partition("cafe-dev-")[2].rpartition("-")[0] for found in inventory(engine_aws) - nothing)
    assert left == ["api-log-role", "boundary"]
