"""The functions of the AWS provider that need no AWS."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .emulator_client import ACCOUNT_ID
from .errors import UserError

ZONES = "abc"
"""The zones of a region."""


def call(token: str, region: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a function of the provider. Raises `UserError` for one that needs AWS, or an argument that is not
    supported."""
    given = {name: value for name, value in arguments.items() if value is not None}
    if given.pop("region", region) != region:
        raise UserError(f"{token}: the local run has one region, {region}, not {arguments['region']}")
    result: dict[str, Any]
    match token:
        case "aws:iam/getPolicyDocument:getPolicyDocument":
            document = policy_document(given)
            return {"id": "document", "json": document, "minifiedJson": document}
        case "aws:index/getRegion:getRegion":
            result = {"id": region, "region": region, "name": region, "description": region}
        case "aws:index/getCallerIdentity:getCallerIdentity":
            arn = f"arn:aws:iam::{ACCOUNT_ID}:root"
            result = {"id": ACCOUNT_ID, "accountId": ACCOUNT_ID, "userId": ACCOUNT_ID, "arn": arn}
        case "aws:index/getPartition:getPartition":
            result = {
                "id": "aws",
                "partition": "aws",
                "dnsSuffix": "amazonaws.com",
                "reverseDnsPrefix": "com.amazonaws",
            }
        case "aws:index/getAvailabilityZones:getAvailabilityZones":
            names = [f"{region}{zone}" for zone in ZONES]
            given.pop("state", None)  # all are available
            result = {"id": region, "names": names, "zoneIds": names, "groupNames": [region]}
        case _:
            raise UserError(f"the local run does not support the function {token}")
    _check(token, given, ())
    return result


def _check(what: str, given: Mapping[str, Any], known: Collection[str]) -> None:
    """Raise `UserError` for an argument that would be ignored."""
    if others := [name for name, value in given.items() if name not in known and value not in (None, [], "")]:
        raise UserError(f"{what}: the local run does not support the argument {others[0]}")


def policy_document(arguments: Mapping[str, Any]) -> str:
    """The JSON of a policy document, as `aws_iam_policy_document` of Terraform's provider makes it. Raises `UserError`
    for an argument that is not supported."""
    _check("get_policy_document", arguments, ("statements", "version", "policyId"))
    statements = [dict(_statement(it)) for it in arguments.get("statements") or []]
    document = {"Version": arguments.get("version") or "2012-10-17", "Statement": statements}
    if arguments.get("policyId"):
        document["Id"] = arguments["policyId"]
    return json.dumps(document)


LISTS = {"actions": "Action", "notActions": "NotAction", "resources": "Resource", "notResources": "NotResource"}
PRINCIPALS = {"principals": "Principal", "notPrincipals": "NotPrincipal"}


def _statement(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    _check("get_policy_document", given, ("sid", "effect", "conditions", *LISTS, *PRINCIPALS))
    if given.get("sid"):
        yield "Sid", given["sid"]
    yield "Effect", given.get("effect") or "Allow"
    for name, key in LISTS.items():
        if given.get(name):
            yield key, _one(given[name])
    for name, key in PRINCIPALS.items():
        if given.get(name):
            yield key, _principals(given[name])
    tests: dict[str, dict[str, list[str]]] = {}
    for it in given.get("conditions") or ():
        tests.setdefault(it["test"], {}).setdefault(it["variable"], []).extend(it["values"])
    if tests:
        yield "Condition", {test: {key: _one(values) for key, values in them.items()} for test, them in tests.items()}


def _principals(given: list[Mapping[str, Any]]) -> Any:
    if any(it["type"] == "*" for it in given):
        return "*"
    merged: dict[str, list[str]] = {}
    for it in given:
        merged.setdefault(it["type"], []).extend(it["identifiers"])
    return {kind: _one(identifiers) for kind, identifiers in merged.items()}


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
