"""The URNs of the café's resources in the last release, which updates of running stacks rely on.

`python -m tests.components.released_urns` writes the list, when a version is released.
"""

from pathlib import Path

from tests.components.recorder import Recording, record_stack

FILE = Path(__file__).with_suffix(".txt")

STACKS = {"dev": {"workflow": "true"}, "prod": {}}
"""The stacks that are compared, with settings that add resources."""


def recorded(stack: str) -> Recording:
    return record_stack(stack, preview=True, config={f"cafe:{key}": value for key, value in STACKS[stack].items()})


def present(stack: str, urn: str) -> str:
    """A URN without the stack's name, so that those of all stacks are one list."""
    return urn.replace(f"urn:pulumi:{stack}::", "").replace(f"cafe-{stack}", "cafe-STACK")


def urns() -> set[str]:
    return {present(stack, it.urn) for stack in STACKS for it in recorded(stack).resources}


if __name__ == "__main__":
    FILE.write_text("".join(f"{urn}\n" for urn in sorted(urns())), encoding="utf-8")
