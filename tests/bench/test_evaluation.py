"""The modules that a preview loads, which mostly determine how long it takes."""

import pytest

from local import engine
from local.project import load_project
from tests.bench.evaluation import ROOT, loaded_modules


@pytest.fixture(scope="module")
def loaded():
    return set(loaded_modules())


def test_a_preview_loads_no_modules_needed_only_to_deploy_or_call(loaded):
    others = {"boto3", "botocore.client", "cryptography", "httpx", "jwt", "ministack", "moto", "PIL"}

    assert loaded & others == set()


def test_a_preview_loads_only_the_services_that_the_stack_uses(loaded):
    """`pulumi_aws` loads each service's whole module on first access. `wafv2` takes as long as the rest together."""
    project = load_project(ROOT, "dev")
    project.config["local:offline"] = "true"
    used = {resource.type.removeprefix("aws:").partition("/")[0] for resource in engine.preview(project).custom}

    services = {
        name.split(".")[1].rstrip("_") for name in loaded if name.startswith("pulumi_aws.") if name.count(".") == 2
    }

    assert "dynamodb" in services
    assert services <= used
