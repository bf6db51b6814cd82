"""Every rule: the program complies with it, and its examples are accepted or rejected."""

import re
from collections.abc import Iterable

import pytest
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError, unknown_checking_proxy

from lambdas.api.routes import ROUTES
from policy import kinds
from policy.rule import Example, Resource, Rule, Stack, all_violations, example, violations
from policy.rules import RULES
from policy.rules.calls import PUBLIC_ROUTES
from tests.policy.stacks import STACKS, recording, stack

rules = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def violations_of(rule: Rule, resources: Example) -> list[str]:
    """The rule's violations by the first resource of an example."""
    return [violation.message for violation in violations(rule, resources[0], Stack(resources))]


@pytest.mark.parametrize("name", STACKS)
def test_the_program_complies_with_every_rule(name: str) -> None:
    applicable = [rule for rule in RULES if name != "local" or not rule.not_on_emulator]

    assert [
        f"{rule.name}: {violation.message}"
        for rule in applicable
        for violation in all_violations(rule, stack(name, created=rule.whole_stack))
    ] == []


@rules
def test_violating_examples_are_rejected(rule: Rule) -> None:
    assert rule.violating
    for resources in rule.violating:
        assert resources[0].type in rule.on
        for message in violations_of(rule, resources):
            # The resource, the problem and the solution.
            assert re.fullmatch(rf"{resources[0].name} [^\n]+: [^\n]+", message)
        assert violations_of(rule, resources), resources


@rules
def test_compliant_examples_are_accepted(rule: Rule) -> None:
    assert rule.compliant
    for resources in rule.compliant:
        assert resources[0].type in rule.on
        assert violations_of(rule, resources) == []


def test_names_are_unique_and_in_kebab_case() -> None:
    names = [rule.name for rule in RULES]

    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z]+)+", name)] == []


@rules
def test_its_reason_is_a_sentence(rule: Rule) -> None:
    assert re.fullmatch(r"[A-Z].{40,}\.", rule.reason)


def test_the_program_has_resources_of_all_types() -> None:
    types = {each.type for name in STACKS for each in recording(name).resources}

    assert {kind for rule in RULES for kind in rule.on} <= types
    assert {value for name, value in vars(kinds).items() if name.isupper()} <= types


def links(resources: Iterable[Resource]) -> set[tuple[str, str, str]]:
    """The references between resources: a type, its property, and the referenced type."""
    by_urn = {resource.urn: resource for resource in resources}
    return {
        (resource.type, name, by_urn[urn].type)
        for resource in by_urn.values()
        for name, urns in resource.input_dependencies.items()
        for urn in urns
        if urn in by_urn
    }


def test_references_in_examples_exist_in_the_program() -> None:
    # A rule that follows a reference that the program does not have would accept everything.
    followed = {link for rule in RULES for resources in [*rule.violating, *rule.compliant] for link in links(resources)}

    assert followed - {link for name in STACKS for link in links(stack(name, created=True).all)} == set()


def test_the_public_routes_match_the_contract() -> None:
    assert PUBLIC_ROUTES.keys() == {(route.method, route.path) for route in ROUTES if route.access == "anyone"}


def test_unknown_values_are_not_violations() -> None:
    (rule,) = [rule for rule in RULES if rule.name == "actions-are-named"]
    broken = example(rule.on[0], "broken", policy=rule.violating[0][0]["policy"])
    unknown = Resource(rule.on[0], "later", "urn:later", unknown_checking_proxy({"policy": UNKNOWN_STRING_VALUE}))

    with pytest.raises(UnknownValueError):
        list(violations(rule, unknown, Stack([unknown])))
    assert [violation.urn for violation in all_violations(rule, Stack([unknown, broken]))] == [broken.urn]
