"""Reads the project file and a stack file as the Pulumi CLI does."""

import json
import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from .errors import UserError

DEFAULT_STACK = "local"

SECURE = re.compile(r'\{"secure": *"[^"]*"\}')
"""An encrypted setting, or one in a larger one, as JSON."""


@dataclass(frozen=True)
class Project:
    """A program, one of its stacks, and the stack's configuration."""

    root: Path
    name: str
    stack: str
    config: dict[str, str]
    """By full key, such as `aws:region`. Values other than strings are JSON, as Pulumi passes them to a program."""
    given: tuple[str, ...] = ()
    """`KEY=VALUE` settings from the command line, which override the stack file."""
    is_own: bool = True
    """Whether this is the project of this package. Any other runs in a process of its own, needs no file for the stack
    `local`, and takes settings that it does not declare, as with Pulumi."""
    main: str = "."
    """The folder of the program, below the root."""

    @property
    def program(self) -> Path:
        """The program's main file."""
        return self.root / self.main / "__main__.py"

    @property
    def region(self) -> str:
        """The AWS region (default: us-east-1)."""
        return self.config.get("aws:region", "us-east-1")

    def emulator_address(self) -> str:
        """The address in the stack's `aws:endpoints`. Raises `UserError` for a stack on AWS, which has none."""
        given = self.config.get("aws:endpoints", "[]")
        try:
            addresses = {str(address) for entry in json.loads(given) for address in entry.values()}
            hosts = {urlsplit(address).hostname for address in addresses}
        except (ValueError, TypeError, AttributeError):
            addresses, hosts = set(), {None}
        if len(addresses) != 1 or None in hosts:
            raise UserError(
                f"stack {self.stack!r} is not a local stack: expected one address for all services in "
                f"`aws:endpoints` of Pulumi.{self.stack}.yaml, as http://HOST:PORT, got {len(addresses)}"
            )
        return addresses.pop()

    def with_emulator_at(self, port: int) -> "Project":
        """A copy with this port wherever the settings contain the emulator's address."""
        if not self.is_own:
            # One is enough to say where all services are.
            endpoints = json.dumps([{"lambda": f"http://localhost:{port}"}])
            return replace(self, config={**self.config, "aws:endpoints": endpoints})
        planned = self.emulator_address()
        actual = f"http://{urlsplit(planned).hostname}:{port}"
        config = {key: value.replace(planned, actual) for key, value in self.config.items()}
        return replace(self, config=config)


def load_project(root: Path, stack: str, given: Sequence[str] = (), *, is_own: bool = True) -> Project:
    """Read `Pulumi.yaml` and `Pulumi.<stack>.yaml`; `given` (`KEY=VALUE`) overrides both. Raises `UserError`."""
    project = _read(root / "Pulumi.yaml")
    stacks = sorted(path.suffixes[0][1:] for path in root.glob("Pulumi.*.yaml"))
    if stack not in stacks and (is_own or stack != DEFAULT_STACK):
        raise UserError(f"unknown stack {stack!r}; available: {', '.join(stacks) or 'none'}")
    name = project.get("name")
    if not isinstance(name, str):
        raise UserError(f"Pulumi.yaml: expected the project's `name`, got {name!r}")
    main = "." if is_own else _main(root, project)
    declared = _config("Pulumi.yaml", project)
    config: dict[str, str] = {}
    for key, declaration in declared.items():
        value = _default(declaration)
        if value is not None:
            config[_full_key(name, key)] = _text(key, value)
    file = f"Pulumi.{stack}.yaml"
    for key, value in _config(file, _read(root / file)).items() if stack in stacks else ():
        config[_full_key(name, key)] = _text(key, value)
    known = config.keys() | {_full_key(name, key) for key in declared} if is_own else None
    config.update(_setting(name, known, setting) for setting in given)
    encrypted = [key for key, value in config.items() if SECURE.search(value)]
    if encrypted:
        raise UserError(
            f"{file}: {encrypted[0]} is encrypted, which only Pulumi can read: pass --config {encrypted[0]}=VALUE"
        )
    return Project(root, name, stack, config, tuple(given), is_own, main)


def _main(root: Path, project: dict[str, Any]) -> str:
    """The folder of the program. Raises `UserError` if there is no Python program."""
    runtime = project.get("runtime")
    language = runtime.get("name") if isinstance(runtime, dict) else runtime
    if language != "python":
        raise UserError(f"Pulumi.yaml: the local run supports the runtime python, not {language!r}")
    main = str(project.get("main") or ".")
    if not (root / main / "__main__.py").is_file():
        raise UserError(f"{root / main} has no __main__.py: `main` in Pulumi.yaml names the program's folder")
    return main


def _setting(project: str, known: Set[str] | None, setting: str) -> tuple[str, str]:
    """Parse a `KEY=VALUE` setting into full key and value. Raises `UserError` for a key that is not `known`."""
    key, equals, value = setting.partition("=")
    if not equals:
        raise UserError(f"--config: expected KEY=VALUE, got {setting!r}")
    if known is not None and _full_key(project, key) not in known:
        raise UserError(f"--config {setting!r}: unknown key {key!r}; available: {', '.join(sorted(known))}")
    return _full_key(project, key), value


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise UserError(f"{path.name} could not be read: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise UserError(f"{path.name} is not a mapping of keys to values")
    return content


def _config(file: str, content: dict[str, Any]) -> dict[str, Any]:
    """The settings in a file."""
    config = content.get("config") or {}
    if not isinstance(config, dict) or not all(isinstance(key, str) for key in config):
        raise UserError(f"{file}: expected `config` to be a mapping of keys to values")
    return config


def _default(declaration: object) -> object:
    """A key's value in the project file: the declaration itself, its `value`, or its `default`."""
    if not isinstance(declaration, dict):
        return declaration
    return declaration.get("value", declaration.get("default"))


def _full_key(project: str, key: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _text(key: str, value: object) -> str:
    """A value as Pulumi passes it to a program. Raises `UserError` for one that JSON does not have, such as a date."""
    try:
        return value if isinstance(value, str) else json.dumps(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise UserError(f"{key}: expected a string, a number, a boolean, a list or a mapping: {error}") from None
