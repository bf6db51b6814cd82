"""`up --keep`: data, users and keys over `down` and the next `up`."""

import json
import os
import pickle
import signal
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from local.cafe.seed import PASSWORD, api_client
from local.emulator import free_port
from local.home import Home
from local.kept import VERSIONS, Kept, Saved
from local.state import State
from tests.local.conftest import TIMEOUT_SECONDS, eventually, local

ORDER = {"items": [{"name": "Espresso", "type": "coffee", "qty": 1}]}


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    yield home
    assert local("down", "--home", str(home.path)).returncode == 0


@contextmanager
def kept_run(home, *arguments):
    """A run that is stopped after the block. Yields a client of its API, and what `up` printed."""
    started = local("up", "--keep", "--detach", "--home", str(home.path), *arguments)
    assert started.returncode == 0, started.stderr
    outputs = home.outputs()
    with api_client(outputs["apiUrl"], urlsplit(outputs["apiUrl"]).port) as api:
        api.timeout = TIMEOUT_SECONDS
        yield api, home.log.read_text()
    assert local("down", "--home", str(home.path)).returncode == 0


def sign_in(api):
    answer = api.post("authenticate", json={"username": "ann@example.com", "password": PASSWORD})
    return {"Authorization": answer.json()["token"]}


def accepted(api, path, headers):
    return eventually(lambda: api.get(path, headers=headers).json().get("status") == "accepted")


@pytest.mark.long
def test_an_open_page_goes_on_after_a_restart(home):
    with kept_run(home) as (api, _):
        outputs, ann = home.outputs(), sign_in(api)
        guest = {"Authorization": api.post("guests", json={}).json()["token"]}
        placed = [api.post("orders", json=ORDER, headers=headers).json() for headers in (ann, guest)]
        paths = [f"orders/{order['customer']}/{order['id']}" for order in placed]
    # Stopped at once: the events of these orders are still on their way.

    with kept_run(home) as (api, said):
        assert home.outputs() == outputs
        assert "starting anew" not in said
        for path, headers in zip(paths, (ann, guest), strict=True):
            accepted(api, path, headers)
        later = api.post("orders", json=ORDER, headers=guest).json()
        accepted(api, f"orders/{later['customer']}/{later['id']}", guest)
        with api_client(outputs["webappUrl"], api.base_url.port) as site:
            assert site.get("api.json").status_code == 200

    # Another setting and another port are applied to what was kept.
    port = free_port()
    with kept_run(home, "--port", str(port), "--config", "openOrders=1") as (api, said):
        assert f":{port}/" in home.outputs()["apiUrl"]
        assert api.get(paths[0], headers=ann).status_code == 200
        assert api.post("orders", json=ORDER, headers=guest).status_code == 429


@pytest.mark.long
def test_after_a_kill_it_says_that_it_starts_anew(home):
    with kept_run(home) as (api, _):
        pass
    started = local("up", "--keep", "--detach", "--home", str(home.path))
    assert started.returncode == 0, started.stderr
    again = local("up", "--keep", "--home", str(home.path))
    assert again.stderr == f"{home.already_running()}\n"
    os.kill(home.pid(), signal.SIGKILL)
    eventually(lambda: not home.is_running())

    with kept_run(home) as (api, said):
        assert "starting anew: the last run was killed" in said
        assert sign_in(api)


@pytest.mark.long
def test_a_start_that_fails_loses_nothing(home, tmp_path):
    with kept_run(home) as (api, _):
        order = api.post("orders", json=ORDER, headers=(ann := sign_in(api))).json()

    failed = local("up", "--keep", "--home", str(home.path), "--config", "openingHours=nonsense")
    assert failed.returncode == 1

    with kept_run(home) as (api, said):
        assert "starting anew" not in said
        assert api.get(f"orders/{order['customer']}/{order['id']}", headers=ann).status_code == 200


class TestKept:
    """What is taken up, and what is not."""

    @pytest.fixture
    def folder(self, tmp_path):
        return tmp_path / "kept"

    def stopped(self, folder):
        """What a run leaves."""
        kept = Kept(folder)
        assert kept.take() == (None, "")
        (folder / "state").mkdir()
        (folder / "state" / "saved").touch()
        kept.save(Saved(4567, State()))
        return kept

    def test_it_is_taken_once(self, folder):
        kept = self.stopped(folder)

        saved, reason = kept.take()

        assert (saved.port, reason) == (4567, "")
        saved, reason = kept.take()
        assert saved is None
        assert reason.startswith("the last run was killed, so what it had is not complete; it is in ")

    def test_it_is_readable_for_its_user_only(self, folder):
        self.stopped(folder)

        assert folder.stat().st_mode & 0o077 == 0

    def test_an_emulator_that_did_not_save_all_counts_as_killed(self, folder):
        kept = self.stopped(folder)
        (folder / "state" / "saved").unlink()

        assert "was killed" in kept.take()[1]
        assert list(folder.iterdir()) == []

    def test_what_cannot_be_used_is_moved_aside(self, folder):
        kept = self.stopped(folder)
        (folder / "engine.pickle").write_bytes(b"")
        (folder / "data").touch()

        _, reason = kept.take()

        aside = folder.with_name("kept.old")
        assert str(aside) in reason
        assert (aside / "data").exists()

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "cannot be read"),
            (json.dumps({}).encode(), "cannot be read"),
            (pickle.dumps(("0.1", *VERSIONS[1:])), "other versions"),
            (pickle.dumps(VERSIONS), "cannot be read"),
        ],
        ids=["empty", "no pickle", "another version", "cut off"],
    )
    def test_what_cannot_be_used_starts_anew(self, folder, content, reason):
        kept = self.stopped(folder)
        (folder / "engine.pickle").write_bytes(content)

        saved, why = kept.take()

        assert saved is None
        assert reason in why
