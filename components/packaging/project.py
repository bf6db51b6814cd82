"""Paths of the project."""

from pathlib import Path

PROJECT = Path(__file__).parents[2]
"""The program's folder."""

BUILD = PROJECT / ".build"
"""Build results, kept until their sources change. Safe to delete at any time."""
