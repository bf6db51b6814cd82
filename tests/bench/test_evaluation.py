"""What a preview loads. How long it takes hangs on that more than on anything else."""

import pytest

from local import engine
from local.project import load_project
from tests.bench.evaluation import ROOT, loaded_modules


@pytest.fixture(scope="module")
def loaded():
    return set(loaded_modules())


def test_a_preview_loads_nothing_that_only_making_or_calling_takes(loaded):
    others = {"boto3", "botocore.client", "cryptography", "httpx", "jwt", "ministack", "moto", "PIL"}

    assert loaded & others == set()


def test_a_preview_loads_no_service_of_which_the_stack_has_nothing(loaded):
    """`pulumi_aws` knows of all its services and loads each, with all that it has, when it is first touched. `wafv2`
    takes as long as the rest together."""
    project = load_project(ROOT, "dev")
    project.config["local:offline"] = "true"
    used = {resource.type.removeprefix("aws:").partition("/")[0] for resource in engine.preview(project).custom}

    services = {
        name.split(".")[1].rstrip("_") for name in loaded if name.startswith("pulumi_aws.") if name.count(".") == 2
    }

    assert "dynamodb" in services
    assert services <= used
