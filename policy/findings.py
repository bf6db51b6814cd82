"""Holds what the scanner checkov finds to the list of what is left as it is: `python -m policy.findings REPORT`.

REPORT is what checkov prints with `--output json`. Each finding has to be in `accepted.yaml`, and each line of that
has to be found, so that none outlives its reason.
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
    """A check that a resource does not pass."""

    check: str
    resource: str
    """Its name, without the stack's prefix."""
    about: str


class Accepted(NamedTuple):
    """Findings of one check that are left as they are."""

    check: str
    about: str
    """What the check wants."""
    resources: list[str]
    """Patterns of names."""
    reason: str
    sometimes: bool = False
    """Whether it need not be found."""

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is one of these."""
        return finding.check == self.check and any(fnmatchcase(finding.resource, each) for each in self.resources)


def accepted() -> list[Accepted]:
    """The list, from its file."""
    return [Accepted(**entry) for entry in yaml.safe_load(ACCEPTED.read_text(encoding="utf-8"))]


def findings(report: Any) -> Iterator[Finding]:
    """The findings of a report, which is a list where checkov looked for several kinds of things."""
    for part in report if isinstance(report, list) else [report]:
        for failed in part["results"]["failed_checks"]:
            name = failed["resource"].rpartition(".")[2].removeprefix(PREFIX)
            yield Finding(failed["check_id"], name, failed["check_name"])


def complaints(found: Iterable[Finding], entries: Iterable[Accepted]) -> Iterator[str]:
    """What does not fit: a line for each finding that is not accepted, and for each pattern for which none is found."""
    found, entries = list(found), list(entries)
    for finding in found:
        if not any(entry.covers(finding) for entry in entries):
            yield f"{finding.check} {finding.resource}: {finding.about}; fix it, or say why not in {ACCEPTED.name}"
    for entry in entries:
        for pattern in entry.resources:
            if not entry.sometimes and not any(
                entry._replace(resources=[pattern]).covers(finding) for finding in found
            ):
                yield f"{entry.check} {pattern}: nothing is found any more; take it out of {ACCEPTED.name}"


if __name__ == "__main__":
    found = list(findings(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
    lines = list(complaints(found, accepted()))
    print(*lines, f"{len(found)} findings, {len(lines)} that do not fit", sep="\n")
    sys.exit(1 if lines else 0)
