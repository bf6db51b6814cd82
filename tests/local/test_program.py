import gc
import importlib
import os
import sys

import pulumi
import pytest
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.mocks import MockMonitor, Mocks
from pulumi.runtime.proto.resource_pb2 import RegisterResourceResponse

from local import program
from tests.local.conftest import write_program

BUCKET = """
import pulumi
import pulumi_aws as aws

bucket = aws.s3.Bucket("b")
pulumi.export("arn", bucket.arn)
pulumi.export("greeting", pulumi.Config().get("greeting"))
"""


class NoFunctions(Mocks):
    def call(self, args):
        raise AssertionError(args.token)

    def new_resource(self, args):
        raise AssertionError(args.typ)


class Monitor(MockMonitor):
    """Gives every resource the same id and ARN."""

    def __init__(self):
        super().__init__(NoFunctions())
        self.names = []

    def RegisterResource(self, request):  # noqa: N802
        self.names.append(request.name)
        outputs = Struct()
        outputs.update({"arn": "arn:of-it"})
        urn = self.make_urn(request.parent, request.type, request.name)
        return RegisterResourceResponse(urn=urn, id="id", object=outputs)


def test_an_update_returns_the_outputs(tmp_path):
    project = write_program(tmp_path, BUCKET, **{"tiny:greeting": "hello"})

    assert program.update(project, Monitor(), parallel=2) == {"arn": "arn:of-it", "greeting": "hello"}


def test_a_preview_registers_the_same_resources(tmp_path):
    monitor = Monitor()

    program.preview(write_program(tmp_path, BUCKET), monitor)

    assert monitor.names == ["tiny-test", "b"]


def test_a_run_does_not_affect_the_next(tmp_path):
    program.update(write_program(tmp_path, BUCKET, **{"tiny:greeting": "hello"}), Monitor(), parallel=2)
    second = write_program(tmp_path, 'import pulumi\npulumi.export("other", pulumi.Config().get("greeting"))')

    assert program.update(second, Monitor(), parallel=2) == {"other": None}
    assert pulumi.Config("tiny").get("greeting") is None


def test_the_program_runs_in_its_folder_and_can_import_from_it(tmp_path):
    (tmp_path / "tiny_helper.py").write_text("HERE = 'found'")
    source = "import os, pulumi, tiny_helper\npulumi.export('seen', [tiny_helper.HERE, os.getcwd()])"
    before = (os.getcwd(), list(sys.path))

    outputs = program.update(write_program(tmp_path, source), Monitor(), parallel=1)

    assert outputs == {"seen": ["found", str(tmp_path)]}
    assert (os.getcwd(), list(sys.path)) == before


@pytest.mark.parametrize(
    "run", [program.preview, lambda *args: program.update(*args, parallel=1)], ids=["preview", "up"]
)
def test_an_exception_of_the_program_is_raised_unchanged(tmp_path, run):
    project = write_program(tmp_path, "def brew():\n    raise KeyError('no beans')\n\nbrew()\n")

    with pytest.raises(KeyError, match="no beans") as raised:
        run(project, Monitor())

    assert raised.traceback[-1].path == project.program


def test_an_exception_in_an_apply_is_raised(tmp_path):
    source = BUCKET + "\ndef fail(arn):\n    raise ValueError('not this ' + arn)\nbucket.arn.apply(fail)\n"

    with pytest.raises(ValueError, match="not this arn:of-it"):
        program.update(write_program(tmp_path, source), Monitor(), parallel=1)


@pytest.mark.parametrize("collecting", [True, False])
def test_a_run_restores_the_interpreters_state(tmp_path, collecting):
    def state():
        return gc.isenabled(), hasattr(sys, "tracebacklimit")

    (gc.enable if collecting else gc.disable)()
    try:
        program.preview(write_program(tmp_path, BUCKET), Monitor())

        assert state() == (collecting, False)
    finally:
        gc.enable()


@pytest.mark.parametrize("package", [True, False], ids=["a package", "a folder without __init__.py"])
def test_forgotten_modules_are_imported_anew(tmp_path, package):
    folder = tmp_path / f"own{package}"
    folder.mkdir()
    if package:
        (folder / "__init__.py").touch()
    body = f"import pulumi\nfrom {folder.name} import part\npulumi.export('value', part.VALUE)\n"

    for value in (1, 2):
        # Saved within the same second, and of the same size: bytecode would look fresh.
        (folder / "part.py").write_text(f"VALUE = {value}\n")
        program.forget_modules(tmp_path)
        assert program.preview(write_program(tmp_path, body), Monitor()) == {"value": value}


@pytest.mark.parametrize("place", ["venv/lib/python3.11/site-packages", ".venv"])
def test_installed_modules_are_not_forgotten(tmp_path, place, monkeypatch):
    folder = tmp_path / place
    folder.mkdir(parents=True)
    (folder / "installed_by_test.py").touch()
    monkeypatch.syspath_prepend(str(folder))
    module = importlib.import_module("installed_by_test")

    program.forget_modules(tmp_path)

    assert sys.modules.pop("installed_by_test") is module
