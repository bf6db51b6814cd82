"""Generates the reference of the published components, which `make reference` writes to the documentation.

Its source is the provider's schema, which Pulumi derives from types and docstrings.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .published import provider

START = "<!-- reference: written by `make reference` -->"

Schema = dict[str, Any]


def schema() -> Schema:
    """The provider's Pulumi package schema."""
    published: Schema = json.loads(provider().schema or "")
    return published


def reference() -> str:
    """A Markdown section for each component and each input type."""
    package = schema()
    sections = [_section(token, it) for kind in ("resources", "types") for token, it in sorted(package[kind].items())]
    return "\n".join(["", *sections])


def with_reference(page: str) -> str:
    """The page with everything after the marker regenerated."""
    text, marker, _ = page.partition(START)
    return f"{text}{marker}\n{reference()}"


def _section(token: str, it: Schema) -> str:
    lines = [f"### {token.rpartition(':')[2]}", "", _line(it["description"]), ""]
    if "enum" in it:
        lines += [", ".join(f"`{member['value']}`" for member in it["enum"]), ""]
    elif "inputProperties" in it:
        lines += _table("input", it["inputProperties"], it.get("requiredInputs", []))
        lines += _table("output", it["properties"], it["properties"])
    else:
        lines += _table("field", it["properties"], it.get("required", []))
    return "\n".join(lines)


def _table(title: str, properties: Schema, required: Any) -> Iterator[str]:
    yield f"| {title} | type | |"
    yield "| --- | --- | --- |"
    for name, it in properties.items():
        optional = "" if name in required else "?"
        yield f"| `{name}{optional}` | {_type(it)} | {_line(it.get('description', ''))} |"
    yield ""


def _type(it: Schema) -> str:
    if "items" in it:
        return f"{_type(it['items'])}[]"
    if "additionalProperties" in it:
        return f"map of {_type(it['additionalProperties'])}"
    reference: str = it.get("$ref", "")
    name = reference.rpartition(":" if ":" in reference else "/")[2]
    return f"[{name}](#{name.lower()})" if reference.startswith("#") else name or str(it["type"])


def _line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(with_reference(target.read_text(encoding="utf-8")), encoding="utf-8")
