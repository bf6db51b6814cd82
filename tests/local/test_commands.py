"""The command line, without starting anything."""

import json
import shutil
import subprocess
import sys

import pytest
import yaml

from local import commands as cli
from local.home import Home
from tests.local.conftest import ROOT, local


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A copy of the café's program that a test may change."""
    for name in ("Pulumi.yaml", "Pulumi.local.yaml", "Pulumi.dev.yaml", "__main__.py"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.setattr(cli, "OWN", tmp_path)
    return tmp_path


def set_config(project, key, value):
    path = project / "Pulumi.local.yaml"
    content = yaml.safe_load(path.read_text())
    content["config"][key] = value
    path.write_text(yaml.safe_dump(content))


@pytest.fixture
def home(tmp_path):
    """A home that looks like it has a run."""
    home = Home(tmp_path / "home")
    with home.lock():
        home.write_outputs({"apiUrl": "http://api/", "count": 3})
        yield str(home.path)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (
            "orderRetentionDays",
            "soon",
            "an integer from 1 to 3650, got 'soon'",
        ),
        ("orderRetentionDays", 0, "an integer from 1 to 3650, got '0'"),
        ("functionLayer", "maybe", "one of true, false, got 'maybe'"),
        ("stageName", "a/b", "1 to 64 letters, digits or `_`, got 'a/b'"),
    ],
)
@pytest.mark.parametrize("command", [["preview"], ["up"]])
def test_an_invalid_config_value_is_a_one_line_error(project, tmp_path, capsys, command, key, value, message):
    set_config(project, f"cafe:{key}", value)
    options = ["--home", str(tmp_path / "home")] if command == ["up"] else []

    assert cli.main([*command, *options]) == 1

    assert capsys.readouterr() == ("", f"cafe:{key}: expected {message}\n")


def test_a_missing_config_value_is_a_one_line_error(project, capsys):
    path = project / "Pulumi.yaml"
    content = yaml.safe_load(path.read_text())
    del content["config"]["stageName"]["default"]
    path.write_text(yaml.safe_dump(content))

    assert cli.main(["preview"]) == 1

    missing = "cafe:stageName: expected 1 to 64 letters, digits or `_`, got nothing\n"
    assert capsys.readouterr() == ("", missing)


def test_a_failing_program_shows_only_its_own_traceback(project, capsys):
    (project / "__main__.py").write_text("def brew():\n    raise KeyError('no beans')\n\nbrew()\n")

    assert cli.main(["preview"]) == 1

    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1] == f'  File "{project / "__main__.py"}", line 4, in <module>'
    assert lines[-1] == "KeyError: 'no beans'"


def test_an_unsupported_resource_is_refused_before_anything_is_created(project, tmp_path, capfd):
    (project / "__main__.py").write_text(
        "import pulumi_aws as aws\naws.sqs.Queue('q')\naws.glue.CatalogDatabase('data')\n"
    )

    assert cli.main(["up", "--home", str(tmp_path / "home")]) == 1

    refused = "the local run does not support the resource type aws:glue/catalogDatabase:CatalogDatabase (data): "
    assert capfd.readouterr().err.startswith(refused)


def test_up_refuses_a_stack_for_aws(tmp_path, capsys):
    assert cli.main(["up", "--stack", "dev", "--home", str(tmp_path / "home")]) == 1

    assert "stack 'dev' is not a local stack" in capsys.readouterr().err
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "1.5", ""])
def test_an_invalid_port_is_a_usage_error(capsys, port):
    with pytest.raises(SystemExit) as ended:
        cli.main(["up", f"--port={port}"])

    assert ended.value.code == 2
    assert f"expected a port from 1 to 65535, got '{port}'" in capsys.readouterr().err


@pytest.mark.parametrize("stack", ["local", "dev"])
def test_preview_prints_a_line_for_each_resource_below_its_parent(stack, capsys):
    assert cli.main(["preview", "--stack", stack]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"cafe stack {stack}: ")
    assert any(line.endswith(f"─ cafe-{stack}-auth-authorize aws:lambda/function:Function") for line in lines)
    assert not any("…" in line for line in lines)


def test_output_prints_a_single_value_unformatted(home, capsys):
    assert cli.main(["output", "apiUrl", "--home", home]) == 0

    assert capsys.readouterr().out == "http://api/\n"


def test_output_prints_all_as_json(home, capsys):
    assert cli.main(["output", "--json", "--home", home]) == 0

    assert json.loads(capsys.readouterr().out) == {"apiUrl": "http://api/", "count": 3}


def test_output_prints_all_as_a_table(home, capsys):
    assert cli.main(["output", "--home", home]) == 0

    assert capsys.readouterr().out == "apiUrl  http://api/\ncount   3\n"


def test_an_unknown_output_is_refused_with_the_known_ones(home, capsys):
    assert cli.main(["output", "nope", "--home", home]) == 1

    assert capsys.readouterr().err == "unknown output 'nope'; available: apiUrl, count\n"


def test_output_reports_that_nothing_runs(tmp_path, capsys):
    assert cli.main(["output", "--home", str(tmp_path)]) == 1

    assert (
        capsys.readouterr().err == f"nothing is running in {tmp_path}; start it with `{Home(tmp_path).command('up')}`\n"
    )


def test_down_reports_that_nothing_runs_and_cleans_up_after_a_killed_run(tmp_path):
    (tmp_path / "outputs.json").write_text("{}")

    ended = local("down", "--home", str(tmp_path))

    assert (ended.returncode, ended.stderr) == (0, f"nothing is running in {tmp_path}\n")
    assert not (tmp_path / "outputs.json").exists()


def test_a_closed_pipe_is_not_an_error():
    command = [sys.executable, "-m", "local", "preview"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        running.stdout.close()

        assert running.stderr.read() == ""
