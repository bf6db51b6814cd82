"""The GitHub workflows: least privilege, the order of jobs, and that their commands exist.

`make actionlint` checks their syntax.
"""

import argparse
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.commands import parser

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
SETUP = GITHUB / "actions" / "setup" / "action.yml"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
SOURCES = [*WORKFLOWS, SETUP]
BASH = shutil.which("bash") or "bash"

EXPRESSION = re.compile(r"\$\{\{.*?\}\}")


def load(path: Path) -> dict[Any, Any]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def jobs() -> list[tuple[str, dict[str, Any]]]:
    """Every job, with its name `workflow/job`."""
    return [(f"{path.stem}/{name}", job) for path in WORKFLOWS for name, job in load(path)["jobs"].items()]


def job(workflow: str, name: str) -> dict[str, Any]:
    return dict(jobs())[f"{workflow}/{name}"]


def steps(of: dict[str, Any]) -> list[dict[str, Any]]:
    return list(of.get("steps", []))


WRITES = {
    "release/release": {"attestations", "contents"},
    "codeql/analyze": {"security-events"},
    "scorecard/check": {"security-events"},
}
"""What only these jobs may write: releases and their attestations, and findings."""

SIGNING = {"release/release", "scorecard/check"}
"""Jobs that identify themselves to Sigstore and PyPI."""

EVERY_JOB = pytest.mark.parametrize("job", [job for _, job in jobs()], ids=[name for name, _ in jobs()])
EVERY_SOURCE = pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)


class TestPermissions:
    @EVERY_SOURCE
    def test_actions_are_pinned_to_a_commit_with_the_version_in_a_comment(self, path: Path) -> None:
        uses = re.findall(r"^.*\buses: *(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        foreign = [use for use in uses if not use.startswith("./")]

        assert [
            use for use in foreign if not re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)
        ] == []

    def test_an_action_has_the_same_version_everywhere(self) -> None:
        text = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
        pins = set(re.findall(r"uses: *([\w.-]+/[\w./-]+)@(.+)$", text, re.MULTILINE))

        assert len({action for action, _ in pins}) == len(pins) > 0

    @pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
    def test_no_permissions_by_default(self, path: Path) -> None:
        assert load(path)["permissions"] == {}

    @pytest.mark.parametrize(("name", "job"), jobs(), ids=[name for name, _ in jobs()])
    def test_a_job_has_few_write_permissions(self, name: str, job: dict[str, Any]) -> None:
        writes = {permission for permission, access in job["permissions"].items() if access == "write"}

        assert writes <= {"id-token", "pull-requests", "issues", *WRITES.get(name, set())}

    @pytest.mark.parametrize(("name", "job"), jobs(), ids=[name for name, _ in jobs()])
    def test_only_jobs_that_use_aws_or_sign_get_an_oidc_token(self, name: str, job: dict[str, Any]) -> None:
        acts = any("role" in step.get("with", {}) for step in steps(job)) or "up.yml" in job.get("uses", "")

        assert (job["permissions"].get("id-token") == "write") is (acts or name in SIGNING)

    @EVERY_SOURCE
    def test_no_keys_are_stored(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")

        assert "secrets." not in text
        assert not re.search(r"access-key|ACCESS_KEY|PASSPHRASE|ACCESS_TOKEN", text)

    @EVERY_JOB
    def test_checkouts_persist_no_credentials(self, job: dict[str, Any]) -> None:
        checkouts = [step for step in steps(job) if "checkout" in step.get("uses", "")]

        assert all(step["with"]["persist-credentials"] is False for step in checkouts)

    @EVERY_SOURCE
    def test_scripts_contain_no_expressions(self, path: Path) -> None:
        scripts = [step["run"] for step in all_steps(path) if "run" in step]

        assert [script for script in scripts if EXPRESSION.search(script)] == []

    def test_previews_run_only_for_branches_of_this_repository(self) -> None:
        condition = job("preview", "preview")["if"]

        assert "github.event.pull_request.head.repo.full_name == github.repository" in condition
        assert "pull_request_target" not in "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)


class TestOrder:
    @EVERY_JOB
    def test_a_job_has_a_timeout(self, job: dict[str, Any]) -> None:
        assert "uses" in job or 0 < job["timeout-minutes"] <= 240

    def test_main_is_deployed_to_dev_after_the_tests_and_then_to_prod(self) -> None:
        workflow = load(GITHUB / "workflows" / "deploy.yml")
        test, dev, prod = (workflow["jobs"][name] for name in ("test", "dev", "prod"))

        assert workflow[True] == {"push": {"branches": ["main"]}}  # YAML 1.1 parses `on` as true
        assert test["uses"].endswith("/test.yml")
        assert (dev["needs"], dev["with"]) == ("test", {"stack": "dev"})
        assert (prod["needs"], prod["with"]) == ("dev", {"stack": "prod"})

    def test_the_test_job_runs_the_shared_ci_script(self) -> None:
        assert [step["run"] for step in steps(job("test", "test")) if "run" in step] == [".ci/run"]

    def test_updates_of_a_stack_run_one_at_a_time_and_are_not_cancelled(self) -> None:
        up = job("up", "up")

        assert up["concurrency"] == {"group": "up-${{ inputs.stack }}", "cancel-in-progress": False}
        assert up["environment"] == "${{ inputs.stack }}"

    def test_no_other_job_shares_that_concurrency_group(self) -> None:
        groups = [str(job.get("concurrency", {}).get("group")) for name, job in jobs() if name != "up/up"]

        assert [group for group in groups if group.startswith("up-")] == []

    def test_the_api_is_deployed_before_the_site(self) -> None:
        scripts = [step["run"] for step in steps(job("up", "up")) if "run" in step]
        order = ["pulumi up", "pulumi stack output", "ops release", "site/deploy.py"]

        assert [next(n for n, script in enumerate(scripts) if part in script) for part in order] == [0, 1, 2, 3]

    def test_drift_detection_covers_both_stacks(self) -> None:
        check = job("drift", "check")

        assert check["strategy"]["matrix"]["stack"] == ["dev", "prod"]
        assert "--refresh --expect-no-changes" in steps(check)[-1]["run"]


def all_steps(path: Path) -> list[dict[str, Any]]:
    content = load(path)
    if "runs" in content:
        return list(content["runs"]["steps"])
    return [step for job in content["jobs"].values() for step in steps(job)]


def scripts() -> str:
    return "\n".join(step["run"] for path in SOURCES for step in all_steps(path) if "run" in step)


class TestCommands:
    def test_make_targets_exist(self) -> None:
        named = set(re.findall(r"\bmake ([\w./-]+)", scripts()))
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

        assert named == {".venv/ready"}
        assert re.search(r"^\.venv/up \.venv/ready:", makefile, re.MULTILINE)

    def test_programs_exist(self) -> None:
        named = re.findall(r"(?:^|\s)((?:site|\.ci)/[\w./-]+)", scripts())

        assert sorted(set(named)) == [".ci/run", "site/deploy.py"]
        assert [name for name in named if not (ROOT / name).is_file()] == []

    def test_ops_commands_exist(self) -> None:
        [commands] = [action.choices for action in parser()._actions if isinstance(action, argparse._SubParsersAction)]
        named = set(re.findall(r"-m ops (\S+)", scripts()))

        assert named
        assert named - commands.keys() == set()

    def test_versions_come_from_the_lock_file(self, tmp_path: Path) -> None:
        [script] = [step["run"] for step in all_steps(SETUP) if step.get("id") == "locked"]
        output = tmp_path / "output"
        environment = {**os.environ, "GITHUB_OUTPUT": str(output)}
        subprocess.run([BASH, "-e", "-c", script], cwd=ROOT, check=True, env=environment)
        lock = (ROOT / "uv.lock").read_text(encoding="utf-8")

        locked = dict(line.split("=") for line in output.read_text(encoding="utf-8").splitlines())
        assert locked.keys() == {"uv", "pulumi"}
        assert all(f'name = "{name}"\nversion = "{version}"\n' in lock for name, version in locked.items())

    @EVERY_SOURCE
    def test_scripts_are_valid_shell(self, path: Path) -> None:
        for step in all_steps(path):
            subprocess.run([BASH, "-n", "-c", step.get("run", "")], check=True)


class TestUpdates:
    def test_dependabot_covers_everything_that_is_pinned(self) -> None:
        updates = {each["package-ecosystem"]: each for each in load(GITHUB / "dependabot.yml")["updates"]}

        assert updates.keys() == {"uv", "github-actions"}
        assert (ROOT / updates["uv"]["directory"].lstrip("/") / "uv.lock").is_file()
        # `/` covers the workflows; local actions must be listed.
        folders = {f"/{path.parent.relative_to(ROOT)}" for path in GITHUB.glob("actions/*/action.yml")}
        assert set(updates["github-actions"]["directories"]) == {"/", *folders}


class TestRelease:
    def test_a_release_is_tested_and_comes_from_main_by_hand(self) -> None:
        workflow = load(GITHUB / "workflows" / "release.yml")

        assert workflow[True] == {"workflow_dispatch": None}
        assert workflow["jobs"]["test"]["uses"].endswith("/test.yml")
        assert (job("release", "release")["needs"], job("release", "release")["if"]) == (
            "test",
            "github.ref == 'refs/heads/main'",
        )

    def test_what_is_released_is_attested_before_it_is_published(self) -> None:
        text = yaml.safe_dump(steps(job("release", "release")), sort_keys=False)
        order = ["uv build", "cyclonedx", "attest-build-provenance", "gh release create", "uv publish"]

        assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)

    def test_the_changelog_has_the_version(self) -> None:
        version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

        assert f"\n## {version}\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
