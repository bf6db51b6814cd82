"""The script that makes the virtual environment."""

import os
import subprocess
import sys
import tomllib

import pytest

from local import venv
from tests.local.conftest import ROOT

NO_PIP = [sys.executable, "-m", "venv", "--without-pip"]


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Lets the script work on a folder of its own, without a network. Lists the commands that would install."""
    commands = []
    run = venv.run

    def without_network(command, advice):
        if "venv" in command:
            # A module takes the place of pip, which takes seconds to install.
            run([*NO_PIP, command[-1]], advice)
            version = "python{}.{}".format(*sys.version_info)
            (tmp_path / ".venv" / "lib" / version / "site-packages" / "pip.py").touch()
        else:
            commands.append(command)

    monkeypatch.setattr(venv, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(venv, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(venv, "run", without_network)
    return commands


def test_the_versions_are_those_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["requires-python"] == ">={}.{},<{}.{}".format(*venv.OLDEST, *venv.TOO_NEW)


@pytest.mark.parametrize("version", [(3, 8), (3, 10), (3, 14), (4, 0)])
def test_another_python_is_refused_with_the_way_to_one_that_works(version):
    with pytest.raises(venv.Failed, match=r"Python 3\.11, 3\.12 or 3\.13 is needed.*PYTHON=python3\.12"):
        venv.check_python(version)


def test_the_local_run_gets_its_packages_and_the_tests_theirs(installed, capsys):
    venv.make("up")
    venv.make("up")

    [_, sync] = installed
    assert sync[sync.index("--group") + 1 :][:3] == ["lambdas", "--extra", "local"]
    assert capsys.readouterr().err.splitlines() == [
        "creating the virtual environment .venv",
        "installing the packages of the local run, as pinned in uv.lock",
    ]

    venv.make("ready")
    venv.make("up")

    [_, _, _, sync] = installed
    assert "--group" not in sync


def test_a_changed_lock_file_installs_again(installed, monkeypatch, tmp_path):
    venv.make("up")
    lock = tmp_path / "uv.lock"
    lock.write_text((ROOT / "uv.lock").read_text())
    monkeypatch.setattr(venv, "LOCK", lock)
    os.utime(venv.VENV / "up", (0, 0))

    venv.make("up")

    assert len(installed) == 4


def without_pip(folder):
    subprocess.run([*NO_PIP, folder], check=True)


def dangling(folder):
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to("/nowhere/python3")
    (folder / "ready").touch()


def half_made(folder):
    folder.mkdir()
    (folder / "up").touch()


def a_link(folder):
    folder.symlink_to("/nowhere")


def of_another_folder(folder):
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)


@pytest.mark.parametrize("broken", [without_pip, dangling, half_made, a_link, of_another_folder])
def test_an_environment_that_cannot_be_used_is_made_anew(installed, broken):
    broken(venv.VENV)

    venv.make("up")

    assert len(installed) == 2
    assert venv.is_usable()
    assert not (venv.VENV / "ready").exists()


def test_a_command_that_fails_says_what_to_do():
    with pytest.raises(venv.Failed, match=r"(?s)no index.*failed: check the connection"):
        venv.run([sys.executable, "-c", "raise SystemExit('no index')"], "check the connection")


def test_settings_for_proxies_and_indexes_are_kept(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")

    environment = venv.environment()

    assert environment["PIP_INDEX_URL"] == "https://mirror.example"
    assert environment["HTTPS_PROXY"] == "http://proxy.example"
    assert "PYTHONPATH" not in environment
