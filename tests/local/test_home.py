import fcntl
import threading

import pytest

from local.errors import UserError
from local.home import Home


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


def test_only_one_run_at_a_time(home):
    with (
        home.lock(),
        pytest.raises(UserError, match=r"already running in .*home; stop it with `.*python -m local down"),
        home.lock(),
    ):
        pass


def test_checking_the_lock_does_not_block_a_run(home):
    with home.lock():
        pass
    with (home.path / "lock").open("a") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        assert not home.is_running()
        threading.Timer(0.05, fcntl.flock, (looking, fcntl.LOCK_UN)).start()

        with home.lock():
            assert home.is_running()


def test_a_run_can_start_after_the_previous_one_ends(home):
    with home.lock():
        assert home.is_running()
    assert not home.is_running()
    with home.lock():
        assert home.is_running()


def test_checking_a_missing_home_does_not_create_it(home):
    assert not home.is_running()
    assert home.pid() is None
    assert not home.path.exists()


def test_outputs_are_available_while_the_run_is_ready(home):
    with home.lock():
        home.write_pid(7)
        assert not home.is_ready()
        with pytest.raises(UserError, match="nothing is running in"):
            home.outputs()
        home.write_outputs({"apiUrl": "http://x/"})

        assert home.is_ready()
        assert (home.pid(), home.outputs()) == (7, {"apiUrl": "http://x/"})

    with pytest.raises(UserError, match="nothing is running in"):
        home.outputs()


def test_the_leftovers_of_a_killed_run_are_not_a_run(home):
    home.path.mkdir()
    (home.path / "pid").write_text("1\n")
    (home.path / "outputs.json").write_text("{}")
    (home.path / "scratch").mkdir()

    assert (home.pid(), home.is_ready()) == (None, False)
    with home.lock():
        assert not (home.path / "scratch").exists()
        assert (home.pid(), home.is_ready()) == (None, False)


def test_a_folder_that_cannot_be_created_is_a_one_line_error(tmp_path):
    (tmp_path / "file").write_text("")

    with (
        pytest.raises(UserError, match=r"^--home .*file/home cannot be used: [^\n]+$"),
        Home(tmp_path / "file" / "home").lock(),
    ):
        pass
