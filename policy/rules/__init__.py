"""The rules, one module per subject."""

from policy.rule import Rule
from policy.rules import calls, edge, functions, iam, names, queues, storage

RULES: list[Rule] = [
    each
    for module in (iam, storage, queues, functions, calls, edge, names)
    for each in vars(module).values()
    if isinstance(each, Rule)
]
"""All rules, in order of module and definition."""
