"""The watcher detects changes made the way editors and other programs make them."""

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
    """The changes that are reported once the files are stable: at the second check."""
    assert watcher.changed() == set()
    return watcher.changed()


def test_no_change_is_reported_without_one(watcher):
    assert [watcher.changed() for _ in range(3)] == [set()] * 3


@pytest.mark.parametrize("path", ["app/main.js", "app/lib/cart.js", "program.py", "stack.dev.yaml"])
def test_a_written_file_is_reported_once(root, watcher, path):
    (root / path).write_text("other")

    assert settled(watcher) == {path}
    assert settled(watcher) == set()


def test_an_unwatched_file_is_not_reported(root, watcher):
    (root / "notes.md").write_text("other")

    assert settled(watcher) == set()


def test_added_and_removed_files_are_reported(root, watcher):
    (root / "app/new").mkdir()
    (root / "app/new/café ☕.js").write_text("new")
    (root / "stack.prod.yaml").write_text("new")
    (root / "app/lib/cart.js").unlink()

    assert settled(watcher) == {"app/new/café ☕.js", "stack.prod.yaml", "app/lib/cart.js"}


def test_an_atomic_save_is_reported(root, watcher):
    (root / "app/.main.js.tmp").write_text("other")
    (root / "app/.main.js.tmp").replace(root / "app/main.js")

    assert settled(watcher) == {"app/main.js"}


def test_a_replacement_with_the_same_time_and_size_is_reported(root, watcher):
    it, other = root / "app/main.js", root / "other"
    other.write_text("xxx/main.js")
    shutil.copystat(it, other)
    other.replace(it)

    assert settled(watcher) == {"app/main.js"}


def test_an_older_file_moved_into_place_is_reported(root, watcher):
    (root / "notes.md").replace(root / "app/main.js")
    os.utime(root / "app/main.js", (0, 0))

    assert settled(watcher) == {"app/main.js"}


def test_a_folder_moved_away_and_back_is_reported(root, watcher):
    (root / "app").rename(root / "away")
    assert settled(watcher) == {"app/main.js", "app/lib/cart.js"}

    (root / "away").rename(root / "app")
    assert settled(watcher) == {"app/main.js", "app/lib/cart.js"}


def test_files_saved_together_are_reported_together(root, watcher):
    (root / "app/main.js").write_text("1")
    assert watcher.changed() == set()
    (root / "app/lib/cart.js").write_text("22")
    assert watcher.changed() == set()
    (root / "program.py").write_text("333")

    assert settled(watcher) == {"app/main.js", "app/lib/cart.js", "program.py"}


def test_a_short_lived_file_is_not_reported(root, watcher):
    (root / "app/4913").write_text("")
    assert watcher.changed() == set()
    (root / "app/4913").unlink()

    assert settled(watcher) == set()


@pytest.mark.parametrize("path", ["app/.main.js.swp", "app/main.js~", "app/.#main.js", "app/__pycache__/main.pyc"])
def test_temporary_files_of_editors_and_python_are_not_reported(root, watcher, path):
    (root / path).parent.mkdir(exist_ok=True)
    (root / path).write_text("other")

    assert settled(watcher) == set()


def test_a_broken_link_is_reported_only_once_its_target_exists(root, watcher):
    (root / "app/link.js").symlink_to(root / "nowhere.js")
    assert settled(watcher) == set()

    (root / "nowhere.js").write_text("here")
    assert settled(watcher) == {"app/link.js"}
