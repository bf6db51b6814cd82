"""The wheel, in an environment that has nothing else of the project."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest

from tests.components.recorder import ROOT
from tests.local.compatibility import copied
from tests.local.conftest import eventually
from tests.local.screen import connected

pytestmark = pytest.mark.long

EXAMPLE = ROOT / "docs" / "example"
UV = Path(sys.executable).parent / "uv"

IMPORT_ALL = """
import importlib, pkgutil, sys
import cafe_components
names = [it.name for it in pkgutil.walk_packages(cafe_components.__path__, "cafe_components.")]
for name in names:
    if not name.endswith(("__main__", "run_program")):
        importlib.import_module(name)
assert not {"components", "lambdas", "local", "ops"} & sys.modules.keys()
print(*names)
"""


def run(*command: Any, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=600, **{"cwd": "/", **options}
    )


class Installed(NamedTuple):
    """An environment with the wheel."""

    python: Path

    def local(self, root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of the local run, in a program's folder."""
        return run(self.python, "-m", "cafe_components.local", *arguments, cwd=root)


def install(folder: Path, wheel: Path, *requirements: str) -> Installed:
    """A new environment with the wheel and more packages."""
    run(UV, "venv", "--quiet", "--python", sys.executable, folder, check=True)
    python = folder / "bin" / "python"
    run(UV, "pip", "install", "--quiet", "--python", python, *requirements, check=True)
    return Installed(python)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(UV, "build", "--quiet", "--wheel", "--out-dir", folder, ROOT, check=True)
    [wheel] = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Installed:
    return install(tmp_path_factory.mktemp("environment") / "venv", wheel, f"{wheel}[local]", "mypy", "pytest")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The documentation's example, as somebody copies it."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "shop"))


def test_every_module_can_be_imported_and_none_is_about_the_cafe(installed: Installed) -> None:
    done = run(installed.python, "-W", "ignore", "-c", IMPORT_ALL)

    assert done.returncode == 0, done.stderr
    names = set(done.stdout.split())
    assert {"cafe_components.rest_api.rest_api", "cafe_components.local.up"} <= names
    words = {"orders", "order", "invoice", "photo", "auth", "openapi", "context", "console", "cafe", "menu"}
    parts = {name: set(re.split(r"[._]", name.removeprefix("cafe_components."))) for name in names}
    assert [name for name, those in parts.items() if those & words] == []


def test_strict_mypy_takes_a_program_that_uses_it(installed: Installed, shop: Path) -> None:
    done = run(installed.python, "-m", "mypy", "--strict", "__main__.py", cwd=shop)

    assert done.stdout.startswith("Success"), done.stdout


def test_without_the_extra_one_line_says_what_to_install(tmp_path: Path, wheel: Path) -> None:
    bare = install(tmp_path / "venv", wheel, str(wheel))

    done = bare.local(tmp_path, "up")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("is not installed: run `pip install 'cafe-components[local]'`\n")
    assert len(done.stderr.splitlines()) == 1


def test_the_example_of_a_unit_test_passes(installed: Installed, shop: Path) -> None:
    done = run(installed.python, "-m", "pytest", "-q", cwd=shop)

    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_the_example_has_fewer_than_sixty_lines() -> None:
    assert len((EXAMPLE / "__main__.py").read_text(encoding="utf-8").splitlines()) < 60


def counted(path: Path) -> int:
    """The lines that are neither empty nor comments."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in lines)


def test_the_comparison_in_the_documentation_is_true(installed: Installed, shop: Path, tmp_path: Path) -> None:
    plain = copied("plain_shop", tmp_path)
    page = (ROOT / "docs" / "components.md").read_text(encoding="utf-8")

    for root, name in ((plain, "plain pulumi-aws"), (shop, "`cafe-components`")):
        preview = installed.local(root, "preview").stdout
        [resources] = re.findall(r"stack local: (\d+) resources", preview)
        assert f"[{name}]" in page
        row = next(line for line in page.splitlines() if line.startswith(f"| [{name}]"))
        assert f"| {counted(root / '__main__.py')} | {resources} |" in row


def get(url: str, path: str = "", **options: Any) -> httpx.Response:
    """A request to a host below `localhost`, which not every resolver knows."""
    address = urlsplit(url + path)
    return httpx.request(
        options.pop("method", "GET"),
        f"http://127.0.0.1:{address.port}{address.path}",
        headers={"Host": address.netloc},
        trust_env=False,
        timeout=60,
        **options,
    )


def test_the_example_is_run_called_changed_and_taken_down(installed: Installed, shop: Path) -> None:
    files = {path.name for path in shop.iterdir()}
    started = installed.local(shop, "up", "--detach")
    assert started.returncode == 0, started.stderr
    try:
        outputs = json.loads(installed.local(shop, "output", "--json").stdout)

        assert get(outputs["api"], "/menu").json() == ["Espresso", "Mint tea"]
        assert "<h1>Shop</h1>" in get(outputs["site"]).text
        missing = get(outputs["site"], "nothing")
        assert (missing.status_code, "<h1>Not found</h1>" in missing.text) == (404, True)
        with connected({"liveRealtimeUrl": outputs["live"], "liveHttpUrl": outputs["http"]}, "anybody") as screen:
            screen.subscribe("/orders/made", "anybody")
            taken = get(outputs["api"], "/orders", method="POST", json={"drink": "Espresso"})
            assert taken.status_code == 202
            assert screen.event() == {"id": taken.json()["id"], "made": '{"drink":"Espresso"}'}

        menu = shop / "functions" / "menu.py"
        menu.write_text(menu.read_text().replace("Mint tea", "Lemonade"))
        eventually(lambda: get(outputs["api"], "/menu").json() == ["Espresso", "Lemonade"])
        assert {path.name for path in shop.iterdir()} == {*files, ".local"}
    finally:
        ended = installed.local(shop, "down")
    assert ended.returncode == 0, ended.stderr
    assert installed.local(shop, "output").returncode == 1
