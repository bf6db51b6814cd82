import pulumi

from local import program
from local.describe import describe
from local.errors import UserError
from tests.local.conftest import write_program
from tests.local.test_program import Monitor


def described(tmp_path, source):
    project = write_program(tmp_path, source)
    try:
        program.preview(project, Monitor())
    except Exception as error:  # noqa: BLE001  whatever the program raises
        return describe(error, project)
    raise AssertionError("the program does not fail")


def test_an_error_for_users_is_its_message():
    assert describe(UserError("no beans"), None) == "no beans"
    assert describe(pulumi.RunError("no milk"), None) == "no milk"


def test_another_error_has_the_programs_own_frames(tmp_path):
    lines = described(tmp_path, "def brew():\n    raise KeyError('no beans')\n\nbrew()\n").splitlines()

    assert lines[0] == "Traceback (most recent call last):"
    assert [line for line in lines if line.startswith("  File")] == [
        f'  File "{tmp_path / "__main__.py"}", line {line}, in {where}'
        for line, where in ((4, "<module>"), (2, "brew"))
    ]
    assert lines[-1] == "KeyError: 'no beans'"


def test_an_error_in_an_apply_has_only_the_programs_frames(tmp_path):
    text = described(tmp_path, "import pulumi\npulumi.Output.from_input(0).apply(lambda n: 1 / n)\n")

    assert text.splitlines()[1].startswith(f'  File "{tmp_path / "__main__.py"}", line 2')
    assert "site-packages" not in text
    assert text.endswith("ZeroDivisionError: division by zero")


def test_a_syntax_error_names_the_line(tmp_path):
    text = described(tmp_path, "a = 1\nb = (\n")

    assert text.splitlines()[0] == f'  File "{tmp_path / "__main__.py"}", line 2'
    assert text.endswith("SyntaxError: '(' was never closed")


def test_an_error_without_a_project_is_one_line():
    assert describe(ValueError("no water"), None) == "ValueError: no water"
