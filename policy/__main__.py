"""The rules as a policy pack, which the Pulumi engine starts: `pulumi preview --policy-pack policy`.

A rule about one resource runs before the resource is created. A rule about the whole stack runs at the end, which in an
update is too late to prevent a creation: preview first. Values that a preview does not know yet break no rule.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))  # the engine looks for modules only in the pack's folder

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyPack,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from policy.rule import Resource, Rule, Stack, all_violations, violations
from policy.rules import RULES


def policy(rule: Rule, *, emulated: bool) -> Policy:
    """Convert a rule to an SDK policy, which reports itself as not applicable on an emulator if `not_on_emulator`."""
    if rule.whole_stack:
        return StackValidationPolicy(rule.name, rule.reason, _of_stack(rule, emulated))
    return ResourceValidationPolicy(rule.name, rule.reason, _of_resource(rule, emulated))


def _of_resource(rule: Rule, emulated: bool) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type not in rule.on:
            return
        if emulated and rule.not_on_emulator:
            args.not_applicable(rule.not_on_emulator)
        resource = Resource(args.resource_type, args.name, args.urn, args.props, args.opts.protect)
        try:
            for violation in violations(rule, resource, Stack([resource])):
                report(violation.message, violation.urn)
        except UnknownValueError as unknown:
            # The SDK would print a warning for each resource: hundreds in a new stack's preview.
            args.not_applicable(unknown.message)

    return validate


def _of_stack(rule: Rule, emulated: bool) -> Callable[[StackValidationArgs, ReportViolation], None]:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        if emulated and rule.not_on_emulator:
            args.not_applicable(rule.not_on_emulator)
        for violation in all_violations(rule, Stack(_resources(args))):
            report(violation.message, violation.urn)

    return validate


def _resources(args: StackValidationArgs) -> Iterator[Resource]:
    for each in args.resources:
        yield Resource(
            each.resource_type,
            each.name,
            each.urn,
            each.props,
            each.opts.protect,
            {name: _urns(found) for name, found in each.property_dependencies.items()},
            _urns(each.dependencies),
        )


def _urns(resources: list[PolicyResource]) -> list[str]:
    return [resource.urn for resource in resources]


if __name__ == "__main__":
    on_emulator = bool(pulumi.Config("cafe").get("emulatorUrl"))
    PolicyPack(
        "cafe",
        [policy(rule, emulated=on_emulator) for rule in RULES],
        enforcement_level=EnforcementLevel.MANDATORY,
    )
