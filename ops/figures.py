"""`make figures`: the figures that the README quotes, each a line."""

import io
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from components.function_code import build_function_code
from components.packages_layer import build_layer
from components.python_function import ARCHITECTURES
from ops.cost import bill
from ops.stacks import look_at

COSTED = "prod"
ORDERS = 1_000_000
STACKS = ("dev", "prod")


def of_the_program() -> Iterator[str]:
    """What a look at the program tells, in seconds and without a network."""
    looked = {stack: look_at(stack) for stack in STACKS}
    made = bill(looked[COSTED], ORDERS)
    sign_in = sum(line.dollars for line in made.by_order if line.what.startswith("Sign-in"))
    yield f"cost of {ORDERS:,} orders: US$ {made.of_orders:,.2f}, of which sign-in {sign_in:,.2f} ({COSTED})"
    yield f"cost of a month without any: US$ {made.of_month:,.2f} ({COSTED})"
    counts = ", ".join(f"{stack} {sum(facts.resources.values())}" for stack, facts in looked.items())
    yield f"resources: {counts}"


def of_the_archives() -> Iterator[str]:
    """How large the archives are that functions run from. Builds them, for which it needs uv and a network."""
    with tempfile.TemporaryDirectory() as scratch:
        for architecture in ARCHITECTURES:
            layer = Path(scratch) / architecture
            build_layer(layer, architecture)
            yield f"layer for {architecture}: {zipped(layer) / 1e6:.1f} MB zipped"
        code = Path(scratch) / "code"
        build_function_code(code)
        yield f"functions' archive: {zipped(code) / 1e6:.1f} MB zipped"


def zipped(folder: Path) -> int:
    """How many bytes a zip of a folder's files has."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(folder.rglob("*")):
            packed.write(path, path.relative_to(folder))
    return len(archive.getvalue())


def main(*parts: Iterable[str]) -> None:
    """Print each line as soon as it is known."""
    for part in parts:
        for line in part:
            print(line, flush=True)


if __name__ == "__main__":
    main(of_the_program(), of_the_archives())
