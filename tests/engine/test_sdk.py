"""The SDK that `pulumi package gen-sdk` generates for Python, compiled and used.

The CLI leaves this to its language plugin, which `gensdk` replaces: it calls the same generator.
"""

import compileall
import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pulumi
import pytest

from components import reference
from components.blocks.durable_queue import DurableQueue
from tests.components.recorder import record

FOLDER = Path(__file__).parent

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    if shutil.which("go") is None:
        missing = "needs Go"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    folder = tmp_path_factory.mktemp("sdk")
    (folder / "schema.json").write_text(json.dumps(reference.schema()))
    command = ["go", "run", "./gensdk", folder / "schema.json", folder / "generated"]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    uv, target = Path(sys.executable).parent / "uv", folder / "installed"
    install = [uv, "pip", "install", "--quiet", "--no-deps", "--target", target, folder / "generated"]
    subprocess.run(install, check=True, timeout=600)
    sys.path.insert(0, str(target))
    try:
        assert compileall.compile_dir(target / "pulumi_cafe", quiet=1)
        return importlib.import_module("pulumi_cafe")
    finally:
        sys.path.remove(str(target))


def test_it_has_every_published_component(sdk: ModuleType) -> None:
    tokens = reference.schema()["resources"]

    assert {f"cafe:index:{name}" for name in dir(sdk)} >= tokens.keys()


def test_a_component_gets_the_inputs_of_the_program(sdk: ModuleType) -> None:
    recording = record(lambda: sdk.DurableQueue("letters", visibility_timeout_seconds=60, max_message_bytes=65_536))
    directly = record(lambda: DurableQueue("letters", {"visibility_timeout_seconds": 60, "max_message_bytes": 65_536}))

    [component] = recording.components
    assert component.type == directly.components[0].type
    assert component.inputs == {"visibilityTimeoutSeconds": 60, "maxMessageBytes": 65_536}


def test_a_missing_input_is_an_error_of_the_language(sdk: ModuleType) -> None:
    with pytest.raises(TypeError, match="max_message_bytes"):
        record(lambda: sdk.DurableQueue("letters", visibility_timeout_seconds=60, opts=pulumi.ResourceOptions()))
