"""Live reload: a saved function or page takes effect in the running café a moment later."""

import re
import shutil
import subprocess
import sys
import time

import pytest

from local.cafe.seed import PASSWORD, api_client
from tests.local.conftest import ROOT, TIMEOUT_SECONDS, soonest
from tests.local.live.conftest import log, seconds_until

pytestmark = pytest.mark.long

FUNCTIONS = {path.stem for path in (ROOT / "lambdas").glob("[!_]*.py")}

SECONDS = 2.0
"""Maximum time until a saved page takes effect."""

FUNCTION_SECONDS = 4.0
"""Maximum time until a saved function takes effect: the program is evaluated first, with its 256 resources."""


@pytest.fixture
def fetch(live):
    """GET from the site, through the CDN."""
    with api_client(live.outputs["webappUrl"], live.port) as site:
        yield site.get


def sign_in(live):
    return live.api.post("authenticate", json={"username": "ann@example.com", "password": PASSWORD})


def reloads(live):
    """How many times the program has been evaluated and applied so far."""
    return len(re.findall(r"^applied in|: no changes, ", log(live), re.MULTILINE))


def code_of_functions(live):
    """The digest of each function's code, by its module."""
    pages = live.aws.client("lambda").get_paginator("list_functions").paginate()
    return {it["Handler"].split(".")[1]: it["CodeSha256"] for page in pages for it in page["Functions"]}


def test_a_deleted_module_is_logged_and_stops_nothing(live, root):
    # The first test: also what the run itself has deployed is equal to what a reload would.
    before, module, kept = log(live), root / "lambdas/get_order.py", root / "lambdas/get_order.txt"

    module.rename(kept)
    seconds_until(lambda: "ModuleNotFoundError: no module 'lambdas.get_order'" in log(live)[len(before) :])
    kept.rename(module)

    seconds_until(lambda: "get_order.py and 1 more: no changes, " in log(live)[len(before) :])
    assert sign_in(live).status_code == 200


def test_a_saved_page_is_served_on_reload(live, root, save, fetch):
    page = (root / "site/public/index.html").read_text()
    assert fetch("").text == page

    def seconds():
        n = time.monotonic_ns()
        save(**{"site/public/index.html": page.replace("The café", f"Café number {n}")})
        return seconds_until(lambda: f"Café number {n}" in fetch("").text)

    assert soonest(seconds, SECONDS) < SECONDS
    assert fetch("").headers["content-type"] == "text/html; charset=utf-8"


def test_many_files_can_be_added_and_removed(live, root, save, fetch):
    names = [f"new/ümlaut {n}.js" for n in range(30)]
    save(**{f"site/public/{name}": f"export const n = {n}" for n, name in enumerate(names)})
    seconds_until(lambda: fetch("precache.json").text.count("/new/") == 30)
    assert [fetch(name).text for name in names] == [f"export const n = {n}" for n in range(30)]

    shutil.rmtree(root / "site/public/new")

    # The files are removed one after another.
    seconds_until(lambda: {fetch(name).status_code for name in names} <= {403, 404})
    assert "/new/" not in fetch("precache.json").text
    assert fetch("api.json").json()["api"]["apiUrl"] == "/dev/"


def test_a_saved_function_serves_the_next_call(live, root, save):
    source = (root / "lambdas/authenticate.py").read_text()

    def seconds():
        n = time.monotonic_ns()
        save(**{"lambdas/authenticate.py": source.replace("Response(", f'Response(headers={{"X-Version": "{n}"}}, ')})
        return seconds_until(lambda: sign_in(live).headers.get("x-version") == str(n))

    assert soonest(seconds, FUNCTION_SECONDS) < FUNCTION_SECONDS


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("lambdas/get_order.py", {"get_order"}),
        ("lambdas/identity/sign_in.py", {"authenticate"}),
        (
            "lambdas/invoices/mail.py",
            {name for name in FUNCTIONS if "invoice" in name or name in ("anchor_ledger", "get_ledger", "get_payment")},
        ),
        ("lambdas/api/bodies.py", set()),
    ],
)
def test_a_saved_module_updates_only_the_functions_that_import_it(live, root, save, path, expected):
    before, updated = code_of_functions(live), reloads(live)

    save(**{path: (root / path).read_text() + "\n# another line\n"})

    seconds_until(lambda: reloads(live) > updated)
    after = code_of_functions(live)
    assert {name for name in after if after[name] != before[name]} == expected


def test_a_broken_function_fails_only_its_own_calls_until_it_is_fixed(live, root, save):
    source = (root / "lambdas/authenticate.py").read_text()
    signed_in = {"Authorization": sign_in(live).json()["token"]}
    updated = reloads(live)

    save(**{"lambdas/authenticate.py": "def ("})

    seconds_until(lambda: sign_in(live).status_code == 500)
    seconds_until(lambda: reloads(live) > updated)
    assert "lambdas/authenticate.py:1: invalid syntax: def (" in log(live)
    assert live.api.get("orders", headers=signed_in).status_code == 200

    save(**{"lambdas/authenticate.py": source})

    seconds_until(lambda: sign_in(live).status_code == 200)


def test_a_saved_menu_file_updates_the_site_and_no_function(live, root, save, fetch):
    before = code_of_functions(live)

    save(**{"site/public/menu.json": (root / "site/public/menu.json").read_text() + "\n"})

    seconds_until(lambda: fetch("menu.json").text.endswith("\n\n"))
    assert code_of_functions(live) == before


def test_a_file_that_cannot_be_published_is_logged_and_stops_nothing(live, save, fetch):
    before = log(live)

    save(**{"site/public/api.json": "{}"})

    seconds_until(lambda: "could not update the site: " in log(live)[len(before) :])
    assert fetch("api.json").json()["api"]["apiUrl"] == "/dev/"


class TestDeploy:
    """`site/deploy.py` of the copy, against a café that does not watch it."""

    @pytest.fixture
    def deploy(self, cafe, root):
        """Runs the script. Returns its output."""

        def deploy(*arguments):
            command = [sys.executable, "site/deploy.py", "--home", str(cafe.home), *arguments]
            ended = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
            assert ended.returncode == 0, ended.stderr
            return ended.stdout

        yield deploy
        subprocess.run(
            [sys.executable, "site/deploy.py", "--home", str(cafe.home)], cwd=ROOT, check=True, timeout=TIMEOUT_SECONDS
        )

    def test_one_changed_file_is_one_upload_and_one_invalidated_path(self, cafe, deploy, save):
        files = len([path for path in (ROOT / "site/public").rglob("*") if path.is_file()]) + 3
        assert deploy() == f"0 uploaded, 0 removed, {files} unchanged\n"
        before = invalidations(cafe)

        save(**{"site/public/openapi.json": "{}"})
        assert deploy("--dry-run") == "upload openapi.json\ninvalidate /openapi.json\n"
        assert invalidations(cafe) == before
        assert deploy("--wait") == f"1 uploaded, 0 removed, {files - 1} unchanged\n"

        assert len(invalidations(cafe)) == len(before) + 1
        assert ["/openapi.json"] in invalidations(cafe)
        with api_client(cafe.outputs["webappUrl"], cafe.port) as site:
            assert site.get("openapi.json").text == "{}"

    def test_a_changed_file_also_uploads_the_manifest(self, deploy, save):
        save(**{"site/public/app.css": "body {}"})

        assert deploy("--dry-run").splitlines() == [
            *("upload app.css", "upload precache.json", "invalidate /app.css", "invalidate /precache.json")
        ]


def invalidations(cafe):
    """The paths of each invalidation so far."""
    cloudfront, distribution = cafe.aws.client("cloudfront"), cafe.outputs["distributionId"]
    made = cloudfront.list_invalidations(DistributionId=distribution)["InvalidationList"].get("Items", [])
    each = [cloudfront.get_invalidation(DistributionId=distribution, Id=it["Id"])["Invalidation"] for it in made]
    return [it["InvalidationBatch"]["Paths"]["Items"] for it in each]
