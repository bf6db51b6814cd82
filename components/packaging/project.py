"""Paths of the project."""

from pathlib import Path

OWN = Path(__file__).parents[2]

PROJECT = OWN if (OWN / "Pulumi.yaml").is_file() else Path.cwd()
"""The program's folder. Where this package is installed for another program, that is the working directory, in which
Pulumi runs programs."""

BUILD = PROJECT / ".build"
"""Build results, kept until their sources change. Safe to delete at any time."""
