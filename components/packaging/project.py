"""Where the project's files are."""

from pathlib import Path

PROJECT = Path(__file__).parents[2]
"""The folder of the program."""

BUILD = PROJECT / ".build"
"""What is built from the project's files and kept until they change. It may be deleted at any time."""
