"""Tracebacks with the project's own paths."""

from pathlib import Path

import pytest

from local.tracebacks import readable

SCRATCH = Path("/home/.local/scratch")

CALL = f'''Traceback (most recent call last):
  File "{SCRATCH}/ministack-x/worker.py", line 140, in run
    result = handler_fn(event, context)
             ^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "{SCRATCH}/ministack-x/code/lambdas/it.py", line 3, in handler
    packaged()
  File "{SCRATCH}/ministack-x/code/generated.py", line 1, in packaged
  File "/venv/lib/library.py", line 7, in other
    raise ValueError("café")
ValueError: café
'''


@pytest.fixture
def root(tmp_path):
    (tmp_path / "lambdas").mkdir()
    (tmp_path / "lambdas" / "it.py").touch()
    return tmp_path


def test_frames_have_the_paths_of_the_project_and_of_lambda(root):
    assert readable(CALL, root, SCRATCH).splitlines() == [
        "Traceback (most recent call last):",
        '  File "lambdas/it.py", line 3, in handler',
        "    packaged()",
        '  File "/var/task/generated.py", line 1, in packaged',
        '  File "/venv/lib/library.py", line 7, in other',
        '    raise ValueError("café")',
        "ValueError: café",
    ]


def test_the_machinery_of_imports_is_left_out(root):
    text = f'''Traceback (most recent call last):
  File "<string>", line 3, in <module>
  File "/usr/lib/python3.12/importlib/__init__.py", line 126, in import_module
    return _bootstrap._gcd_import(name[level:], package, level)
  File "<frozen importlib._bootstrap>", line 1204, in _gcd_import
  File "{root}/lambdas/it.py", line 1, in <module>
    nothing
NameError: name 'nothing' is not defined'''

    assert readable(text, root).splitlines() == [
        "Traceback (most recent call last):",
        '  File "lambdas/it.py", line 1, in <module>',
        "    nothing",
        "NameError: name 'nothing' is not defined",
    ]


@pytest.mark.parametrize("text", ["", "Task timed out after 3.00 seconds"])
def test_other_texts_are_kept(root, text):
    assert readable(text, root, SCRATCH) == text
