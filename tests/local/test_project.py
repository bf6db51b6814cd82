import pytest

from local.errors import UserError
from local.project import Project, load_project

PROJECT = """
name: tiny
runtime: python
config:
  aws:region:
    value: eu-west-1
  plain: text
  size:
    type: integer
    default: 3
    description: How large
  flag:
    type: boolean
    default: false
  names:
    type: array
    items: {type: string}
    default: []
  needed:
    type: string
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  tiny:size: 5\n  flag: true\n")
    (tmp_path / "Pulumi.bare.yaml").write_text("{}")
    return tmp_path


def with_endpoints(endpoints: str) -> Project:
    return Project(
        None, "tiny", "dev", {"aws:endpoints": endpoints, "tiny:url": "http://localhost:4566/x", "tiny:n": "1"}
    )


def test_config_has_the_project_files_defaults_and_values(root):
    assert load_project(root, "bare").config == {
        "aws:region": "eu-west-1",
        "tiny:plain": "text",
        "tiny:size": "3",
        "tiny:flag": "false",
        "tiny:names": "[]",
    }


def test_the_stacks_file_overrides_the_projects_with_or_without_the_namespace(root):
    config = load_project(root, "dev").config

    assert (config["tiny:size"], config["tiny:flag"]) == ("5", "true")


def test_given_settings_override_all_files_with_or_without_the_namespace(root):
    given = ["size=7", "tiny:flag=false", "needed=a=b", "plain="]
    project = load_project(root, "dev", given)

    assert project.config.items() >= {
        ("tiny:size", "7"),
        ("tiny:flag", "false"),
        ("tiny:needed", "a=b"),
        ("tiny:plain", ""),
    }
    assert project.given == tuple(given)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("size", "--config: expected KEY=VALUE, got 'size'"),
        ("sizes=1", "--config 'sizes=1': unknown key 'sizes'; available: aws:region, tiny:flag"),
        ("other:size=1", "unknown key 'other:size'"),
    ],
)
def test_an_unknown_setting_is_refused(root, setting, message):
    with pytest.raises(UserError) as error:
        load_project(root, "dev", [setting])

    assert message in str(error.value)


def test_region_comes_from_the_config(root):
    assert load_project(root, "bare").region == "eu-west-1"


def test_an_unknown_stack_is_refused_with_the_known_ones(root):
    with pytest.raises(UserError, match=r"unknown stack 'prod'; available: bare, dev"):
        load_project(root, "prod")


@pytest.mark.parametrize("content", ["config: [", "- a\n- b", "just text", ""], ids=["broken", "list", "text", "empty"])
def test_a_file_that_is_not_a_mapping_is_refused_by_name(root, content):
    (root / "Pulumi.dev.yaml").write_text(content)

    with pytest.raises(UserError, match=r"^Pulumi\.dev\.yaml [^\n]+$"):
        load_project(root, "dev")


def test_the_emulators_port_replaces_every_occurrence_in_the_config():
    project = with_endpoints('[{"s3": "http://localhost:4566", "sqs": "http://localhost:4566"}]')

    assert project.with_emulator_at(5001).config == {
        "aws:endpoints": '[{"s3": "http://localhost:5001", "sqs": "http://localhost:5001"}]',
        "tiny:url": "http://localhost:5001/x",
        "tiny:n": "1",
    }


@pytest.mark.parametrize(
    "endpoints",
    ["[]", '[{"s3": "http://localhost:1"}, {"sqs": "http://localhost:2"}]'],
    ids=["none, as for AWS", "two addresses"],
)
def test_a_stack_that_does_not_name_one_emulator_is_refused(endpoints):
    with pytest.raises(UserError, match=r"stack 'dev' is not a local stack: expected one address"):
        with_endpoints(endpoints).with_emulator_at(5001)


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("Pulumi.dev.yaml", b"config: \xff", "Pulumi.dev.yaml could not be read: "),
        ("Pulumi.dev.yaml", b"config: [a]", "Pulumi.dev.yaml: expected `config` to be a mapping of keys to values"),
        ("Pulumi.dev.yaml", b"config: {1: a}", "Pulumi.dev.yaml: expected `config` to be a mapping of keys to values"),
        (
            "Pulumi.dev.yaml",
            b"config: {a: 2026-01-01}",
            "a: expected a string, a number, a boolean, a list or a mapping",
        ),
        ("Pulumi.dev.yaml", b"config: {a: &x [*x]}", "a: expected a string, a number, a boolean, a list or a mapping"),
        ("Pulumi.yaml", b"runtime: python", "Pulumi.yaml: expected the project's `name`, got None"),
        ("Pulumi.yaml", b"name: 5", "Pulumi.yaml: expected the project's `name`, got 5"),
        ("Pulumi.yaml", b"[" * 10_000, "Pulumi.yaml could not be read: "),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_in_one_line(tmp_path, file, content, message):
    (tmp_path / "Pulumi.yaml").write_text("name: tiny")
    (tmp_path / "Pulumi.dev.yaml").write_text("{}")
    (tmp_path / file).write_bytes(content)

    with pytest.raises(UserError) as refused:
        load_project(tmp_path, "dev")

    assert str(refused.value).startswith(message)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("endpoints", ["5", "[1]", "abc", '["a"]', '[{"sqs": "http://[::1"}]', '[{"sqs": "x"}]', "{}"])
def test_endpoints_that_make_no_sense_are_no_local_stack(tmp_path, endpoints):
    with pytest.raises(UserError, match="stack 'dev' is not a local stack: expected one address"):
        Project(tmp_path, "tiny", "dev", {"aws:endpoints": endpoints}).emulator_address()
