"""A fake uv that downloads nothing: it installs one module and runs programs with this Python."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAM = """
import json, os, pathlib, subprocess, sys

here, arguments = pathlib.Path(__file__).parent, sys.argv[1:]
with (here / "calls").open("a") as calls:
    print(json.dumps({"arguments": arguments, "pyenv": os.environ.get("PYENV_VERSION")}), file=calls)
if (here / "error").exists():
    print((here / "error").read_text(), file=sys.stderr)
    sys.exit(2)
if "--output-file" in arguments:
    pathlib.Path(arguments[arguments.index("--output-file") + 1]).write_text("package==1")
if "--target" in arguments:
    target = pathlib.Path(arguments[arguments.index("--target") + 1])

    # uv writes files whose content depends on where it runs.
    for name, content in {
        "package/__init__.py": "x = 1", "package-1.dist-info/METADATA": "Name: package",
        "package-1.dist-info/RECORD": str(target), "bin/package": f"#!{target}", ".lock": "",
    }.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(content)
if "run" in arguments:
    sys.exit(subprocess.run([sys.executable, *arguments[arguments.index("python") + 1:]]).returncode)
"""


class FakeUv:
    """Replaces uv on the path."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = tmp_path / "bin"
        self._folder.mkdir()
        program = self._folder / "uv"
        program.write_text(f"#!{sys.executable}{PROGRAM}", encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setattr("shutil.which", lambda name, **options: str(program))

    def fail(self, message: str) -> None:
        """Make every call from now on fail with a message."""
        (self._folder / "error").write_text(message, encoding="utf-8")

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The arguments of each call so far."""
        path = self._folder / "calls"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def content(folder: Path) -> dict[str, bytes]:
    """All files below a folder by relative path: what Pulumi packs and hashes."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found
    return found
