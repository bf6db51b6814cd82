"""Audit the pages with Lighthouse's mobile settings (a slow phone on slow 4G): `make lighthouse`.

Needs Node.js and gets Lighthouse from npm. Lists the audits that lose points below the scores.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.local.conftest import running_cafe
from tests.site.conftest import CHROMIUM

VERSION = "12.8.2"
"""The last version that runs on Node.js 20."""

PAGES = ("", "pay.html")
NOT_FOR_SEARCH = {"pay.html"}
"""Pages that search engines must not show, which costs them points there."""
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


def audit(url, report):
    """Lighthouse's report on a page, which it writes to the file `report`."""
    command = [
        *("npx", "--yes", f"lighthouse@{VERSION}", url, "--quiet", f"--only-categories={','.join(CATEGORIES)}"),
        *("--output=json", f"--output-path={report}", "--chrome-flags=--headless=new --no-sandbox --disable-gpu"),
    ]
    subprocess.run(command, env={**os.environ, "CHROME_PATH": CHROMIUM}, check=True, timeout=240)
    return json.loads(report.read_text())


def lost(report, category):
    """The audits that lose points."""
    for reference in report["categories"][category]["auditRefs"]:
        found = report["audits"][reference["id"]]
        if reference["weight"] and found["score"] is not None and found["score"] < 1:
            yield f"{found['title']} {found.get('displayValue', '')}"


def main():
    """Print the four scores of each page. Returns how many are below 100."""
    low = 0
    with tempfile.TemporaryDirectory() as folder, running_cafe(Path(folder) / "cafe") as cafe:
        for path in PAGES:
            report = audit(cafe.outputs["webappUrl"] + path, Path(folder) / "report.json")
            scores = {category: round(report["categories"][category]["score"] * 100) for category in CATEGORIES}
            print(f"/{path}", *(f"{category} {score}" for category, score in scores.items()), sep="  ")
            searched = path not in NOT_FOR_SEARCH
            low += sum(score < 100 for category, score in scores.items() if searched or category != "seo")
            for category in CATEGORIES:
                print(*(f"    {line}\n" for line in lost(report, category)), sep="", end="")
    return low


if __name__ == "__main__":
    if not CHROMIUM:
        sys.exit("Chromium not found: add it to PATH or set CHROMIUM=path")
    sys.exit(1 if main() else 0)
