"""The check of saved functions."""

import pytest

from local.check import imports, problem, syntax_errors


@pytest.fixture
def root(tmp_path):
    (tmp_path / "functions").mkdir()
    return tmp_path


def write(root, **sources):
    for name, source in sources.items():
        (root / "functions" / f"{name}.py").write_bytes(source if isinstance(source, bytes) else source.encode())
    return [f"functions/{name}.py" for name in sources]


def test_a_syntax_error_is_told_with_its_position(root):
    paths = write(root, good="x = 1\n", bad="x = 1\ndef (:\n", null=b"x\0")

    first, second = syntax_errors([*paths, "functions/deleted.py", "functions/menu.json"], root)

    assert first == "functions/bad.py:2: invalid syntax: def (:"
    assert second.startswith("functions/null.py")


def test_a_module_that_cannot_be_imported_is_explained(root):
    with imports(write(root, good="x = 1\n", bad="import nothing_like_it\n"), root) as process:
        why = problem(process, root)

    assert why.splitlines() == [
        "Traceback (most recent call last):",
        '  File "functions/bad.py", line 1, in <module>',
        "    import nothing_like_it",
        "ModuleNotFoundError: No module named 'nothing_like_it'",
    ]


def test_modules_that_can_be_imported_are_no_problem(root):
    with imports(write(root, good="print('told to nobody')\n"), root) as process:
        assert problem(process, root) == ""
    with imports([], root) as process:
        assert problem(process, root) == ""


def test_an_import_that_does_not_end_is_given_up(root, monkeypatch):
    monkeypatch.setattr("local.check.SECONDS", 0.5)

    with imports(write(root, slow="import time\ntime.sleep(60)\n"), root) as process:
        assert problem(process, root) == "the import did not end within 0.5 s"

    assert process.poll() is not None
