"""A café that runs from a copy of the project, and fixtures that edit the copy."""

import re
import shutil
import time

import pytest

from tests.local.conftest import ROOT, TIMEOUT_SECONDS, running_cafe

DONE = re.compile(r"^applied in |: no changes, |save again to retry|nothing was changed", re.MULTILINE)
"""What the café logs last about a saved file of the program."""


@pytest.fixture(scope="module", autouse=True)
def bytecode():
    """Python writes bytecode, as it does for users: it must never hide a saved source."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A writable copy of the project."""
    return copied_project(tmp_path_factory)


def copied_project(tmp_path_factory):
    """Copy the project to a new folder."""
    root = tmp_path_factory.mktemp("project")
    for name in ("components", "lambdas", "local", "ops", "site"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in [ROOT / "__main__.py", *ROOT.glob("Pulumi*.yaml")]:
        shutil.copy(path, root)
    return root


@pytest.fixture(scope="module")
def live(root, tmp_path_factory):
    """The café that runs from that copy."""
    with running_cafe(tmp_path_factory.mktemp("live"), root=root) as cafe:
        yield cafe


@pytest.fixture
def save(live, root):
    """Saves files atomically, as many editors do: writes a temporary file and renames it. Afterwards restores the files
    and waits until the café has picked that up."""
    before = {}

    def save(**files):
        for name, content in files.items():
            path = root / name
            before.setdefault(path, path.read_bytes() if path.exists() else None)
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.tmp")
            draft.write_bytes(content if isinstance(content, bytes) else content.encode())
            draft.replace(path)

    yield save
    left = {path: content for path, content in before.items() if path.exists()}
    for path, content in left.items():
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
    if left:
        # The café reports this file together with the others, or after them. It may stay: nothing reads it.
        mark = f"Pulumi.{time.monotonic_ns()}.yaml"
        (root / mark).write_text("{}")
        seconds_until(lambda: DONE.search(log(live).partition(mark)[2]))


def seconds_until(condition, timeout=TIMEOUT_SECONDS):
    """Wait for a condition. Returns the seconds that it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < timeout, f"the condition did not hold within {timeout} s"
        time.sleep(0.02)
    return time.monotonic() - began


def log(live):
    return (live.home / "up.log").read_text()
