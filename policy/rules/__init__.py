"""The rules, one module per subject."""

from policy.rule import Rule
from policy.rules import calls, edge, functions, iam, names, queues, sizes, storage, trust

RULES: list[Rule] = [
    each
    for module in (iam, trust, storage, queues, functions, calls, edge, names, sizes)
    for each in vars(module).values()
    if isinstance(each, Rule)
]
"""All rules, in order of module and definition."""
