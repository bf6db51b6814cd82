"""How the folders depend on each other, and how long a file may be."""

import graphlib
from collections import defaultdict
from pathlib import Path

import pytest

from components.packaging import imports

ROOT = Path(__file__).parents[2]
PACKAGES = ["components", "lambdas", "local", "ops", "policy"]
GENERIC = ["blocks", "packaging", "edge", "static_site"]
"""Components that import nothing from `lambdas`, to be packaged without it."""
API_PARTS = ["gateway_document", "gateway_models", "rest_api", "stage", "gateway_responses"]
MAX_LINES = 300


def import_graph():
    """Which modules of the project each module imports, also inside functions, by their names."""
    sources = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    }
    graph = {}
    for name, path in sources.items():
        package = ".".join(path.relative_to(ROOT).parent.parts)
        graph[name] = (imports._imports_of(path, package) & sources.keys()) - {name}
    return graph


@pytest.fixture(scope="module")
def graph():
    return import_graph()


def test_no_module_imports_itself_through_others(graph):
    graphlib.TopologicalSorter(graph).prepare()  # raises a CycleError that names the modules


CAFE_OF_LOCAL = ("local.cafe", "local.console")
"""What the local run has for the café only."""


def group_of(module):
    """The package of a module; the café's part of `local` is one of its own."""
    package = module.split(".")[0]
    return "local.cafe" if module.startswith(CAFE_OF_LOCAL) else package


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("lambdas", set()),
        ("components", {"lambdas"}),
        ("policy", set()),
        # Any program runs with it. Its command line runs the café, if it is there.
        ("local", {"local.cafe"}),
        ("ops", {"lambdas", "components", "local"}),
        ("local.cafe", {"lambdas", "ops", "local"}),
    ],
)
def test_packages_import_in_one_direction(graph, package, allowed):
    offenders = defaultdict(list)
    for name, needed in graph.items():
        for other in needed:
            if group_of(name) == package and group_of(other) not in {package, *allowed}:
                offenders[name].append(other)
    assert dict(offenders) == {}


def test_only_the_command_line_of_the_local_run_knows_the_cafe(graph):
    knowing = {
        name
        for name, needed in graph.items()
        if group_of(name) == "local" and any(group_of(other) == "local.cafe" for other in needed)
    }
    assert knowing == {"local.commands", "local.talk"}


def test_generic_components_import_nothing_of_the_cafe(graph):
    generic = {f"components.{folder}" for folder in GENERIC} | {f"components.rest_api.{each}" for each in API_PARTS}
    offenders = {
        name: sorted(needed)
        for name, all_needed in graph.items()
        if any(name == each or name.startswith(f"{each}.") for each in generic)
        and (needed := {each for each in all_needed if each.startswith("lambdas")})
    }
    assert offenders == {}


def test_files_are_short():
    sources = [path for package in [*PACKAGES, "site"] for path in (ROOT / package).rglob("*")]
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in [*sources, *ROOT.glob("*.py")]
        if path.suffix in {".py", ".js", ".css"}
        and "node_modules" not in path.parts
        and (lines := len(path.read_text().splitlines())) > MAX_LINES
    }
    assert long == {}
