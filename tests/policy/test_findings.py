"""Accepted findings of the scanner: each has a reason and is still found."""

import json
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from policy.findings import ACCEPTED, Accepted, Finding, accepted, findings, mismatches
from tests.components.recorder import ROOT, recorded_stack

ENTRY = Accepted("CKV_1", "buckets log", ["site-*", "photos"], "There is nothing to see.")


def report(*found: tuple[str, str]) -> dict[str, object]:
    return {
        "results": {
            "failed_checks": [
                {"check_id": check, "check_name": "Ensure it", "resource": resource} for check, resource in found
            ]
        }
    }


def test_each_check_is_listed_once_with_its_requirement_and_a_reason() -> None:
    entries = accepted()

    assert len(entries) > 20
    assert len({entry.check for entry in entries}) == len(entries)
    assert [entry.check for entry in entries if not entry.about or len(entry.reason.split()) < 5] == []
    assert [entry.check for entry in entries if not entry.reason.endswith(".")] == []


def test_each_pattern_matches_a_resource_of_prod() -> None:
    names = [resource.name.removeprefix("cafe-prod-") for resource in recorded_stack("prod").custom]

    assert [
        (entry.check, pattern)
        for entry in accepted()
        for pattern in entry.resources
        if not any(fnmatchcase(name, pattern) for name in names)
    ] == []


def test_names_have_no_type_and_no_stack() -> None:
    found = findings(
        [report(("CKV_1", "aws_s3_bucket.cafe-prod-site-web")), report(("CKV_2", "resource.cafe-prod-api"))]
    )

    assert list(found) == [Finding("CKV_1", "site-web", "Ensure it"), Finding("CKV_2", "api", "Ensure it")]


def test_no_complaint_if_findings_and_entries_match() -> None:
    assert list(mismatches(findings(report(("CKV_1", "x.site-web"), ("CKV_1", "x.photos"))), [ENTRY])) == []


@pytest.mark.parametrize("found", [("CKV_2", "x.site-web"), ("CKV_1", "x.other")])
def test_an_unaccepted_finding_is_reported(found: tuple[str, str]) -> None:
    there = [("CKV_1", "x.site-web"), ("CKV_1", "x.photos")]
    (line,) = mismatches(findings(report(*there, found)), [ENTRY])

    assert line.startswith(f"{found[0]} {found[1].removeprefix('x.')}: Ensure it; fix it, or give a reason in")


def test_an_unused_entry_is_reported() -> None:
    (line,) = mismatches(findings(report(("CKV_1", "x.photos"))), [ENTRY])

    assert line == f"CKV_1 site-*: no longer found; remove it from {ACCEPTED.name}"


def test_optional_findings_can_be_missing() -> None:
    assert list(mismatches([], [ENTRY._replace(sometimes=True)])) == []


@pytest.mark.long
def test_the_real_scanner_finds_problems(tmp_path: Path) -> None:
    open_bucket = {"cafe-prod-open": {"bucket": "open"}}
    plan = tmp_path / "plan.tf.json"
    plan.write_text(json.dumps({"resource": {"aws_s3_bucket": open_bucket}}), encoding="utf-8")

    done = subprocess.run(
        ["/usr/bin/env", "make", "-s", "scan", f"PLAN={plan}", f"PY={sys.executable}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )

    assert done.returncode != 0
    assert "CKV2_AWS_6 open: Ensure that S3 bucket has a Public Access block; fix it" in done.stdout
    assert "CKV_AWS_117 *: no longer found" in done.stdout
