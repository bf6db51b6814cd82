"""Compare the findings of the scanner checkov with the accepted ones: `python -m policy.findings REPORT`.

REPORT is the output of checkov with `--output json`. Each finding must be in `accepted.yaml`, and each entry there must
match a finding, so that no entry outlives its reason.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ACCEPTED = Path(__file__).with_name("accepted.yaml")
PREFIX = "cafe-prod-"


class Finding(NamedTuple):
    """A check that a resource fails."""

    check: str
    resource: str
    """The resource's name, without the stack's prefix."""
    about: str


class Accepted(NamedTuple):
    """Accepted findings of one check."""

    check: str
    about: str
    """What the check requires."""
    resources: list[str]
    """Patterns of resource names."""
    reason: str
    sometimes: bool = False
    """Whether the finding is optional."""

    def covers(self, finding: Finding) -> bool:
        """Whether this entry accepts a finding."""
        return finding.check == self.check and any(fnmatchcase(finding.resource, each) for each in self.resources)


def accepted() -> list[Accepted]:
    """Read the accepted findings from `accepted.yaml`."""
    return [Accepted(**entry) for entry in yaml.safe_load(ACCEPTED.read_text(encoding="utf-8"))]


def findings(report: Any) -> Iterator[Finding]:
    """Return the findings of a report, which is a list if checkov ran several frameworks."""
    for part in report if isinstance(report, list) else [report]:
        for failed in part["results"]["failed_checks"]:
            name = failed["resource"].rpartition(".")[2].removeprefix(PREFIX)
            yield Finding(failed["check_id"], name, failed["check_name"])


def mismatches(found: Iterable[Finding], entries: Iterable[Accepted]) -> Iterator[str]:
    """Return a line for each finding that is not accepted, and for each pattern without a finding."""
    found, entries = list(found), list(entries)
    for finding in found:
        if not any(entry.covers(finding) for entry in entries):
            yield f"{finding.check} {finding.resource}: {finding.about}; fix it, or give a reason in {ACCEPTED.name}"
    for entry in entries:
        for pattern in entry.resources:
            if not entry.sometimes and not any(
                entry._replace(resources=[pattern]).covers(finding) for finding in found
            ):
                yield f"{entry.check} {pattern}: no longer found; remove it from {ACCEPTED.name}"


if __name__ == "__main__":
    found = list(findings(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
    lines = list(mismatches(found, accepted()))
    print(*lines, f"{len(found)} findings, {len(lines)} mismatches", sep="\n")
    sys.exit(1 if lines else 0)
