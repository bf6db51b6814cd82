"""Renders a plan as a tree for the terminal."""

from collections import Counter

from rich.markup import escape
from rich.tree import Tree

from .engine import Plan
from .project import Project

STACK = "pulumi:pulumi:Stack"
"""The type of the stack resource, which the tree shows as its root."""


def tree(project: Project, plan: Plan) -> Tree:
    """Each resource below its parent, sorted by URN."""
    root = Tree(f"[bold]{escape(project.name)}[/] stack {escape(project.stack)}: {len(plan.custom)} resources")
    branches: dict[str, Tree] = {}
    by_urn = {resource.urn: resource for resource in plan.resources}
    children = Counter(resource.parent for resource in plan.resources)

    def branch(urn: str) -> Tree:
        if urn not in by_urn or by_urn[urn].type == STACK:
            return root
        if urn not in branches:
            resource = by_urn[urn]
            style = "bold" if children[urn] else "none"
            label = f"[{style}]{escape(resource.name)}[/] [dim]{escape(resource.type)}[/]"
            branches[urn] = branch(resource.parent).add(label)
        return branches[urn]

    for resource in sorted(plan.resources, key=lambda resource: resource.urn):
        branch(resource.urn)
    return root
