"""Functions with published versions: the API calls these, even if the unpublished functions change."""

import pytest

from local import engine
from local.project import load_project
from tests.local.conftest import ROOT, eventually, running_cafe
from tests.local.test_cafe import CAPPUCCINO

pytestmark = pytest.mark.long


@pytest.fixture
def cafe(tmp_path):
    with running_cafe(tmp_path, "snapStart=true") as cafe:
        yield cafe


def break_unpublished(functions):
    """Break the unpublished version of every function that has an alias. Returns their number."""
    names = [
        f["FunctionName"] for page in functions.get_paginator("list_functions").paginate() for f in page["Functions"]
    ]
    published = [name for name in names if functions.list_aliases(FunctionName=name)["Aliases"]]
    for name in published:
        functions.update_function_configuration(FunctionName=name, Handler="lambdas.nowhere.handler")
    return len(published)


def test_the_api_and_the_pipeline_use_the_published_versions(cafe):
    functions = cafe.aws.client("lambda")
    name = cafe.outputs["createOrderLambda"]
    assert break_unpublished(functions) > 0

    ann = cafe.sign_in("ann")
    placed = cafe.api.post("orders", json=CAPPUCCINO, headers=ann)
    assert placed.status_code == 201, placed.text
    order = placed.json()
    path = f"orders/{order['customer']}/{order['id']}"
    unpublished = functions.invoke(FunctionName=name, Payload=b"{}")

    eventually(lambda: cafe.api.get(path, headers=ann).json()["status"] == "accepted")
    assert "FunctionError" in unpublished
    assert functions.get_function_configuration(FunctionName=name, Qualifier="live")["SnapStart"] == {
        "ApplyOn": "PublishedVersions",
        "OptimizationStatus": "On",
    }


def test_provisioned_concurrency_is_skipped_with_the_reason():
    plan = engine.preview(load_project(ROOT, "local", ["provisionedConcurrency=2"]))
    plan.check()

    kinds = {step.resource.type for step in plan.changes}
    assert "aws:lambda/alias:Alias" in kinds
    assert plan.skipped()["aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"] == (
        "the emulator has no provisioned concurrency"
    )
