"""Programs that run in a process of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.deployment import deploy
from local.engine import preview
from local.errors import UserError
from local.extension import Extension
from local.project import load_project
from local.state import State
from tests.local.compatibility import copied
from tests.local.conftest import eventually, local


def write(root, source, **settings):
    """A project with this program, which needs no stack file."""
    (root / "Pulumi.yaml").write_text(json.dumps({"name": "tiny", "runtime": "python", **settings}))
    (root / settings.get("main", ".")).mkdir(exist_ok=True)
    (root / settings.get("main", ".") / "__main__.py").write_text(source)
    return load_project(root, "local", is_own=False)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "1/0",
            'Traceback (most recent call last):\n  File "{program}", line 1, in <module>\n    1/0\n',
        ),
        ("import nothing_like_it", "ModuleNotFoundError: No module named 'nothing_like_it'"),
        ("def", "SyntaxError: invalid syntax"),
        ("import sys; sys.exit(3)", r"the program called sys.exit(3); it must run to its end"),
        ("import os; os._exit(7)", "the program's process exited with code 7"),
        ("import pulumi; raise pulumi.RunError('too hot')", "too hot"),
        ("import pulumi; pulumi.log.error('too cold')", "too cold"),
        ("import pulumi; pulumi.Config().require('size')", "Missing required configuration variable 'tiny:size'"),
        (
            "import pulumi\npulumi.Output.from_input(1).apply(lambda it: it / 0)",
            "ZeroDivisionError: division by zero",
        ),
    ],
)
def test_what_a_program_says_when_it_fails_is_the_message(tmp_path, source, message):
    tiny = write(tmp_path, source)

    with pytest.raises(UserError) as failed:
        preview(tiny)

    assert message.format(program=tiny.program) in str(failed.value)
    assert "run_program.py" not in str(failed.value)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("pulumi.StackReference('org/other/dev')", "does not support reading existing resources"),
        ("aws.s3.Bucket.get('old', 'old')", "does not support reading existing resources"),
        ("aws.ec2.get_ami(most_recent=True)", "does not support the function aws:ec2/getAmi:getAmi"),
        ("aws.Provider('far', region='eu-west-1')", "pass --config aws:region=eu-west-1"),
        ("aws.sqs.Queue('q', region='eu-west-1')", "the local run has one region, us-east-1"),
        ("aws.sqs.Queue('q'); aws.sqs.Queue('q')", "two resources have the type aws:sqs/queue:Queue and the name q"),
        ("pulumi.ProviderResource('gcp', 'g', {})", "supports the provider aws only, not gcp"),
    ],
)
def test_what_the_engine_refuses_is_the_message(tmp_path, body, message):
    tiny = write(tmp_path, f"import pulumi\nimport pulumi_aws as aws\n{body}\n")

    with pytest.raises(UserError) as failed:
        preview(tiny)

    assert message in str(failed.value)


def test_a_program_in_another_folder_gets_its_settings(tmp_path):
    source = (
        "import pulumi, os, sys\npulumi.export('found', [pulumi.Config().require('size'), os.getcwd(), sys.path[0]])"
    )
    write(tmp_path, source, main="infra")
    plan = preview(load_project(tmp_path, "local", ["size=large"], is_own=False))

    # Pulumi's working directory is that of the program, too.
    assert plan.outputs == {"found": ["large", str(tmp_path / "infra"), str(tmp_path / "infra")]}


def test_what_is_unknown_in_a_preview_is_none(tmp_path):
    body = "q = aws.sqs.Queue('q')\npulumi.export('url', q.url)\npulumi.export('info', {'urls': [q.url], 'n': 1})"
    tiny = write(tmp_path, f"import pulumi\nimport pulumi_aws as aws\n{body}")

    assert preview(tiny).outputs == {"url": None, "info": None}


def test_a_program_reads_an_empty_standard_input(tmp_path):
    tiny = write(tmp_path, "import sys, pulumi\npulumi.export('read', sys.stdin.read())")

    assert preview(tiny).outputs == {"read": ""}


def test_policies_can_be_objects(tmp_path, aws):
    statement = '{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}'
    policy = f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'
    body = f"role = aws.iam.Role('r', assume_role_policy={policy})\npulumi.export('it', role.assume_role_policy)"
    tiny = write(tmp_path, f"import pulumi\nimport pulumi_aws as aws\n{body}")

    assert json.loads(deploy(tiny, aws, State())["it"]) == json.loads(policy)


def test_what_a_program_starts_ends_with_it(tmp_path):
    started = "subprocess.Popen(['sleep', '600'], stdout=subprocess.DEVNULL)"
    tiny = write(tmp_path, f"import subprocess, pulumi\npulumi.export('pid', {started}.pid)")

    stat = Path(f"/proc/{int(preview(tiny).outputs['pid'])}/stat")

    eventually(lambda: not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "Pulumi.yaml could not be read"),
        ({"Pulumi.yaml": "name: x\nruntime: nodejs"}, "supports the runtime python, not 'nodejs'"),
        ({"Pulumi.yaml": "name: x\nruntime: {name: python}"}, "has no __main__.py"),
        (
            {
                "Pulumi.yaml": "name: x\nruntime: python",
                "Pulumi.local.yaml": "config: {x:k: {secure: abc}}",
                "__main__.py": "",
            },
            "x:k is encrypted, which only Pulumi can read: pass --config x:k=VALUE",
        ),
        (
            {
                "Pulumi.yaml": "name: x\nruntime: python",
                "Pulumi.local.yaml": "config: {x:k: {password: {secure: abc}}}",
                "__main__.py": "",
            },
            "x:k is encrypted",
        ),
    ],
)
def test_a_folder_that_cannot_be_run_says_why(tmp_path, files, message):
    for name, content in files.items():
        (tmp_path / name).write_text(content)

    with pytest.raises(UserError) as failed:
        load_project(tmp_path, "local", is_own=False)

    assert message in str(failed.value)


@pytest.mark.long
def test_up_output_invoke_save_and_down(tmp_path):
    root = copied("secrets_manager", tmp_path)
    home = root / ".local"
    there = ("--program", str(root))

    started = local("up", "--detach", *there)
    assert started.returncode == 0, started.stderr
    try:
        assert "The program runs." in started.stderr
        assert f"local down --program {root}" in started.stderr
        assert local("output", "function", *there).stdout.startswith("reader-")
        assert json.loads(local("invoke", "main", *there).stdout) == "secret-value"
        assert local("console", *there).stderr.strip().startswith("the console shows the café only")
        assert "2 to update" in local("preview", "--diff", "--config", "changed=true", *there).stdout

        common = root / "common.py"
        common.write_text(common.read_text().replace('get_bool("changed") or False', 'get_bool("changed") or True'))
        eventually(lambda: "applied in" in (home / "up.log").read_text())
        assert json.loads(local("invoke", "main", *there).stdout) == "changed"
    finally:
        ended = local("down", *there)
    assert ended.returncode == 0
    assert not (home / "pid").exists()


@pytest.mark.long
def test_a_program_that_hangs_ends_with_the_run(tmp_path):
    write(tmp_path, f"import os, time\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)")
    there = ("--program", str(tmp_path))
    with subprocess.Popen([sys.executable, "-m", "local", "up", *there], stderr=subprocess.PIPE) as run:
        pid = int(eventually(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
        run.kill()

    def is_gone():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"

    eventually(is_gone)


def test_secrets_are_no_part_of_what_up_prints():
    printed = Extension().welcome(
        {"key": "secret-value", "hook": "https://hooks.example.com/secret-value", "n": 1}, 1, ""
    )

    assert "secret-value" not in printed
