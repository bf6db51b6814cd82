"""`pulumi preview` of each stack, without and with every optional part."""

import pytest

from local.engine import preview
from local.project import load_project
from tests.engine.conftest import OPTIONAL_PARTS

pytestmark = pytest.mark.long


@pytest.mark.parametrize("settings", [{}, OPTIONAL_PARTS], ids=["as it is", "every optional part"])
@pytest.mark.parametrize("name", ["dev", "prod", "local"])
def test_it_lists_what_the_local_preview_does(make_stack, project, name, settings):
    given = [f"{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in settings.items()]
    expected = load_project(project, name, given)
    expected.config["local:offline"] = "true"

    run = make_stack(name, **settings).preview()

    assert run.messages == []
    assert set(run.resources) == {
        (it.type, it.name) for it in preview(expected).resources if it.type != "pulumi:pulumi:Stack"
    }
