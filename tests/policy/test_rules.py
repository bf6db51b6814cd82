"""Every rule: that the program keeps it, and that what breaks it is refused."""

import re
from collections.abc import Iterable

import pytest
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError, unknown_checking_proxy

from lambdas.api.routes import ROUTES
from policy import kinds
from policy.rule import Example, Resource, Rule, Stack, all_violations, example, violations
from policy.rules import RULES
from policy.rules.calls import OPEN
from tests.policy.stacks import STACKS, recording, stack

rules = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def broken_by(rule: Rule, resources: Example) -> list[str]:
    """What the rule has against the resource that an example is about."""
    return [violation.message for violation in violations(rule, resources[0], Stack(resources))]


@pytest.mark.parametrize("name", STACKS)
def test_the_program_keeps_every_rule(name: str) -> None:
    kept = [rule for rule in RULES if name != "local" or not rule.not_on_emulator]

    assert [
        f"{rule.name}: {violation.message}"
        for rule in kept
        for violation in all_violations(rule, stack(name, made=rule.whole_stack))
    ] == []


@rules
def test_what_breaks_it_is_refused(rule: Rule) -> None:
    assert rule.refused
    for resources in rule.refused:
        assert resources[0].type in rule.on
        for message in broken_by(rule, resources):
            # Who it is, what is wrong, and what to do.
            assert re.fullmatch(rf"{resources[0].name} [^\n]+: [^\n]+", message)
        assert broken_by(rule, resources), resources


@rules
def test_what_keeps_it_is_accepted(rule: Rule) -> None:
    assert rule.accepted
    for resources in rule.accepted:
        assert resources[0].type in rule.on
        assert broken_by(rule, resources) == []


def test_names_are_unique_and_in_kebab_case() -> None:
    names = [rule.name for rule in RULES]

    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z]+)+", name)] == []


@rules
def test_its_reason_is_a_sentence(rule: Rule) -> None:
    assert re.fullmatch(r"[A-Z].{40,}\.", rule.reason)


def test_all_types_are_of_resources_that_the_program_makes() -> None:
    made = {each.type for name in STACKS for each in recording(name).resources}

    assert {kind for rule in RULES for kind in rule.on} <= made
    assert {value for name, value in vars(kinds).items() if name.isupper()} <= made


def links(resources: Iterable[Resource]) -> set[tuple[str, str, str]]:
    """What comes from what: a type, its property, and the type behind it."""
    by_urn = {resource.urn: resource for resource in resources}
    return {
        (resource.type, name, by_urn[urn].type)
        for resource in by_urn.values()
        for name, urns in resource.comes_from.items()
        for urn in urns
        if urn in by_urn
    }


def test_what_hangs_together_in_examples_does_so_in_the_program() -> None:
    # A rule that follows what is not there would hold for everything.
    followed = {link for rule in RULES for resources in [*rule.refused, *rule.accepted] for link in links(resources)}

    assert followed - {link for name in STACKS for link in links(stack(name, made=True).all)} == set()


def test_the_open_routes_are_those_of_the_contract() -> None:
    assert OPEN.keys() == {(route.method, route.path) for route in ROUTES if route.access == "anyone"}


def test_what_a_preview_does_not_know_breaks_no_rule() -> None:
    (rule,) = [rule for rule in RULES if rule.name == "actions-are-named"]
    broken = example(rule.on[0], "broken", policy=rule.refused[0][0]["policy"])
    unknown = Resource(rule.on[0], "later", "urn:later", unknown_checking_proxy({"policy": UNKNOWN_STRING_VALUE}))

    with pytest.raises(UnknownValueError):
        list(violations(rule, unknown, Stack([unknown])))
    assert [violation.urn for violation in all_violations(rule, Stack([unknown, broken]))] == [broken.urn]
