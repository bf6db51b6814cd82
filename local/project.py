"""The project file and a stack's file, read as the Pulumi CLI reads them."""

import json
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from ops.errors import UserError


@dataclass(frozen=True)
class Project:
    """A program, one of its stacks, and the stack's configuration."""

    root: Path
    name: str
    stack: str
    config: dict[str, str]
    """By full key, e.g. `aws:region`. Anything but text is JSON, which is how Pulumi hands it to a program."""
    given: tuple[str, ...] = ()
    """What was given on the command line, over the stack's file: `KEY=VALUE`."""

    @property
    def program(self) -> Path:
        """The file that is run."""
        return self.root / "__main__.py"

    @property
    def region(self) -> str:
        """The AWS region."""
        return self.config.get("aws:region", "us-east-1")

    def emulator_address(self) -> str:
        """The address that the stack's `aws:endpoints` name. A stack without any is meant for AWS, and is refused."""
        endpoints = json.loads(self.config.get("aws:endpoints", "[]"))
        addresses = {address for entry in endpoints for address in entry.values()}
        if len(addresses) != 1:
            raise UserError(
                f"stack {self.stack!r} is not for this machine: `aws:endpoints` in Pulumi.{self.stack}.yaml "
                f"has to name one address for all services, and names {len(addresses)}"
            )
        return str(addresses.pop())

    def with_emulator_at(self, port: int) -> "Project":
        """The same with the emulator's port wherever the stack's files name its address."""
        planned = self.emulator_address()
        actual = f"http://{urlsplit(planned).hostname}:{port}"
        config = {key: value.replace(planned, actual) for key, value in self.config.items()}
        return replace(self, config=config)


def load_project(root: Path, stack: str, given: Sequence[str] = ()) -> Project:
    """Read `Pulumi.yaml` and `Pulumi.<stack>.yaml`; `given` comes over both, as `KEY=VALUE`. Raises `UserError`."""
    project = _read(root / "Pulumi.yaml")
    stacks = sorted(path.suffixes[0][1:] for path in root.glob("Pulumi.*.yaml"))
    if stack not in stacks:
        raise UserError(f"there is no stack {stack!r}; there is {', '.join(stacks) or 'none'}")
    name = project["name"]
    config: dict[str, str] = {}
    for key, declaration in (project.get("config") or {}).items():
        value = _default(declaration)
        if value is not None:
            config[_full_key(name, key)] = _text(value)
    for key, value in (_read(root / f"Pulumi.{stack}.yaml").get("config") or {}).items():
        config[_full_key(name, key)] = _text(value)
    known = config.keys() | {_full_key(name, key) for key in project.get("config") or {}}
    config.update(_setting(name, known, setting) for setting in given)
    return Project(root, name, stack, config, tuple(given))


def _setting(project: str, known: Set[str], setting: str) -> tuple[str, str]:
    """A `KEY=VALUE` of the command line, as full key and value. A key that the project does not know is a mistake."""
    key, equals, value = setting.partition("=")
    if not equals:
        raise UserError(f"--config {setting!r} is not KEY=VALUE")
    if _full_key(project, key) not in known:
        raise UserError(f"--config {setting!r}: there is no key {key!r}; there is {', '.join(sorted(known))}")
    return _full_key(project, key), value


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise UserError(f"{path.name} could not be read: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise UserError(f"{path.name} is not a mapping of keys to values")
    return content


def _default(declaration: object) -> object:
    """A key's value in the project file: plain, as `value`, or as `default` beside a type."""
    if not isinstance(declaration, dict):
        return declaration
    return declaration.get("value", declaration.get("default"))


def _full_key(project: str, key: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
