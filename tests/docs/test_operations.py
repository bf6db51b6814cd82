"""The documentation's alarms, settings and outputs match the program's."""

import fnmatch
import re

import pulumi_aws as aws
import pytest

from tests.components.recorder import ROOT, configured_stack, record_stack, recorded_stack

DOCS = {page.name: page.read_text(encoding="utf-8") for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]}


def rows(page, title):
    """The first cells of the table below a title."""
    table = DOCS[page].split(f"| {title} |", 1)[1].split("\n\n", 1)[0]
    return [line.split("|")[1] for line in table.splitlines()[2:]]


def names(cells):
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


@pytest.fixture(scope="module")
def alarms():
    recordings = [recorded_stack("dev"), recorded_stack("prod"), configured_stack()]
    return {
        alarm.name.partition("-monitoring-")[2]
        for recording in recordings
        for alarm in recording.of(aws.cloudwatch.MetricAlarm)
        if "-monitoring-" in alarm.name
    }


def test_every_alarm_has_a_row(alarms):
    patterns = names(rows("operations.md", "alarm"))

    assert [alarm for alarm in sorted(alarms) if not any(fnmatch.fnmatch(alarm, each) for each in patterns)] == []
    assert [pattern for pattern in patterns if not fnmatch.filter(alarms, pattern)] == []


def test_the_documentation_lists_exactly_the_programs_outputs():
    outputs = set(recorded_stack("dev").outputs) | set(configured_stack().outputs)
    outputs |= set(record_stack("prod", config={"cafe:gradualRelease": "Canary10Percent5Minutes"}).outputs)

    assert set(names(rows("outputs.md", "output"))) == outputs


def test_links_between_pages_resolve():
    broken = [
        (page, target)
        for page, text in DOCS.items()
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
        if "://" not in target
        and not ((ROOT / page).parent if page == "README.md" else ROOT / "docs").joinpath(target).exists()
    ]

    assert broken == []


def test_links_to_headings_resolve():
    def anchors(page):
        return {
            re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
            for title in re.findall(r"^#+ (.*)$", DOCS[page], re.MULTILINE)
        }

    links = [
        (page, target or page, anchor)
        for page, text in DOCS.items()
        for target, anchor in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", text)
        if "://" not in target
    ]

    assert links
    assert [link for link in links if link[2] not in anchors(link[1])] == []


def test_the_reading_path_of_an_order_names_at_most_twenty_files_and_all_exist():
    path = DOCS["architecture.md"].split("### Where to read it")[1].split("\n## ")[0]
    files = re.findall(r"`([\w/]+\.(?:py|js))`", path)

    assert 0 < len(files) <= 20
    assert [file for file in files if not (ROOT / file).is_file()] == []
