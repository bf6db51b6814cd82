"""Files that change in the ways in which editors, and other programs, change them."""

import os
import shutil

import pytest

from local.watch import Watcher


@pytest.fixture
def root(tmp_path):
    for path in ("app/main.js", "app/lib/cart.js", "program.py", "stack.dev.yaml", "notes.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    return tmp_path


@pytest.fixture
def watcher(root):
    return Watcher(root, ["app", "program.py", "stack.*.yaml"])


def settled(watcher):
    """What is told once nothing changes any more: at the second look."""
    assert watcher.changed() == set()
    return watcher.changed()


def test_nothing(watcher):
    assert [watcher.changed() for _ in range(3)] == [set()] * 3


@pytest.mark.parametrize("path", ["app/main.js", "app/lib/cart.js", "program.py", "stack.dev.yaml"])
def test_a_file_that_is_written_is_told_once(root, watcher, path):
    (root / path).write_text("other")

    assert settled(watcher) == {path}
    assert settled(watcher) == set()


def test_what_is_not_watched_is_not_told(root, watcher):
    (root / "notes.md").write_text("other")

    assert settled(watcher) == set()


def test_a_file_that_comes_and_a_file_that_goes(root, watcher):
    (root / "app/new").mkdir()
    (root / "app/new/café ☕.js").write_text("new")
    (root / "stack.prod.yaml").write_text("new")
    (root / "app/lib/cart.js").unlink()

    assert settled(watcher) == {"app/new/café ☕.js", "stack.prod.yaml", "app/lib/cart.js"}


def test_a_file_that_is_saved_by_renaming_another_onto_it(root, watcher):
    (root / "app/.main.js.tmp").write_text("other")
    (root / "app/.main.js.tmp").replace(root / "app/main.js")

    assert settled(watcher) == {"app/main.js"}


def test_a_replacement_of_the_same_age_and_size(root, watcher):
    it, other = root / "app/main.js", root / "other"
    other.write_text("xxx/main.js")
    shutil.copystat(it, other)
    other.replace(it)

    assert settled(watcher) == {"app/main.js"}


def test_an_older_file_moved_into_place(root, watcher):
    (root / "notes.md").replace(root / "app/main.js")
    os.utime(root / "app/main.js", (0, 0))

    assert settled(watcher) == {"app/main.js"}


def test_a_folder_that_goes_and_comes_back(root, watcher):
    (root / "app").rename(root / "away")
    assert settled(watcher) == {"app/main.js", "app/lib/cart.js"}

    (root / "away").rename(root / "app")
    assert settled(watcher) == {"app/main.js", "app/lib/cart.js"}


def test_what_is_saved_together_is_told_together(root, watcher):
    (root / "app/main.js").write_text("1")
    assert watcher.changed() == set()
    (root / "app/lib/cart.js").write_text("22")
    assert watcher.changed() == set()
    (root / "program.py").write_text("333")

    assert settled(watcher) == {"app/main.js", "app/lib/cart.js", "program.py"}


def test_what_comes_and_goes_between_is_not_told(root, watcher):
    (root / "app/4913").write_text("")
    assert watcher.changed() == set()
    (root / "app/4913").unlink()

    assert settled(watcher) == set()


@pytest.mark.parametrize("path", ["app/.main.js.swp", "app/main.js~", "app/.#main.js", "app/__pycache__/main.pyc"])
def test_what_editors_and_python_put_beside_is_not_told(root, watcher, path):
    (root / path).parent.mkdir(exist_ok=True)
    (root / path).write_text("other")

    assert settled(watcher) == set()


def test_a_link_that_leads_nowhere(root, watcher):
    (root / "app/link.js").symlink_to(root / "nowhere.js")
    assert settled(watcher) == set()

    (root / "nowhere.js").write_text("here")
    assert settled(watcher) == {"app/link.js"}
