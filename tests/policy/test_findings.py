"""What the scanner finds and is left: each with a reason, and nothing that is not found."""

import json
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from policy.findings import ACCEPTED, Accepted, Finding, accepted, complaints, findings
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


def test_each_check_is_there_once_with_what_it_wants_and_a_reason() -> None:
    entries = accepted()

    assert len(entries) > 20
    assert len({entry.check for entry in entries}) == len(entries)
    assert [entry.check for entry in entries if not entry.about or len(entry.reason.split()) < 5] == []
    assert [entry.check for entry in entries if not entry.reason.endswith(".")] == []


def test_each_pattern_is_of_something_that_prod_has() -> None:
    names = [resource.name.removeprefix("cafe-prod-") for resource in recorded_stack("prod").custom]

    assert [
        (entry.check, pattern)
        for entry in accepted()
        for pattern in entry.resources
        if not any(fnmatchcase(name, pattern) for name in names)
    ] == []


def test_names_are_told_without_their_type_and_their_stack() -> None:
    found = findings(
        [report(("CKV_1", "aws_s3_bucket.cafe-prod-site-web")), report(("CKV_2", "resource.cafe-prod-api"))]
    )

    assert list(found) == [Finding("CKV_1", "site-web", "Ensure it"), Finding("CKV_2", "api", "Ensure it")]


def test_all_is_well_where_all_that_is_found_is_accepted_and_found() -> None:
    assert list(complaints(findings(report(("CKV_1", "x.site-web"), ("CKV_1", "x.photos"))), [ENTRY])) == []


@pytest.mark.parametrize("found", [("CKV_2", "x.site-web"), ("CKV_1", "x.other")])
def test_a_finding_that_is_not_accepted_is_named(found: tuple[str, str]) -> None:
    there = [("CKV_1", "x.site-web"), ("CKV_1", "x.photos")]
    (line,) = complaints(findings(report(*there, found)), [ENTRY])

    assert line.startswith(f"{found[0]} {found[1].removeprefix('x.')}: Ensure it; fix it, or say why not in")


def test_an_exception_that_is_not_needed_any_more_is_named() -> None:
    (line,) = complaints(findings(report(("CKV_1", "x.photos"))), [ENTRY])

    assert line == f"CKV_1 site-*: nothing is found any more; take it out of {ACCEPTED.name}"


def test_what_is_found_sometimes_need_not_be() -> None:
    assert list(complaints([], [ENTRY._replace(sometimes=True)])) == []


@pytest.mark.long
def test_the_scanner_that_is_asked_finds_what_is_wrong(tmp_path: Path) -> None:
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
    assert "CKV_AWS_117 *: nothing is found any more" in done.stdout
