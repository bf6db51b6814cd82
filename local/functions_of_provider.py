"""The functions of the AWS provider that need no AWS."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from .emulator_client import ACCOUNT_ID
from .errors import UserError

ZONES = "abc"
"""The zones of a region."""


def call(token: str, region: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a function of the provider. Raises `UserError` for one that needs AWS."""
    match token:
        case "aws:index/getRegion:getRegion":
            return {"id": region, "region": region, "name": region}
        case "aws:index/getCallerIdentity:getCallerIdentity":
            return {"id": ACCOUNT_ID, "accountId": ACCOUNT_ID, "arn": f"arn:aws:iam::{ACCOUNT_ID}:root"}
        case "aws:index/getPartition:getPartition":
            return {"id": "aws", "partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws"}
        case "aws:index/getAvailabilityZones:getAvailabilityZones":
            return {"id": region, "names": [f"{region}{zone}" for zone in ZONES]}
        case "aws:iam/getPolicyDocument:getPolicyDocument":
            document = policy_document(arguments)
            return {"id": "document", "json": document, "minifiedJson": document}
    raise UserError(f"the local run does not support the function {token}")


def policy_document(arguments: Mapping[str, Any]) -> str:
    """The JSON of a policy document, as `aws_iam_policy_document` of Terraform's provider makes it."""
    statements = [dict(_statement(it)) for it in arguments.get("statements") or []]
    document = {"Version": arguments.get("version") or "2012-10-17", "Statement": statements}
    if arguments.get("policyId"):
        document["Id"] = arguments["policyId"]
    return json.dumps(document)


def _statement(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if given.get("sid"):
        yield "Sid", given["sid"]
    yield "Effect", given.get("effect") or "Allow"
    for name, key in (
        *(("actions", "Action"), ("notActions", "NotAction")),
        *(("resources", "Resource"), ("notResources", "NotResource")),
    ):
        if given.get(name):
            yield key, _one(given[name])
    for name, key in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if principals := given.get(name):
            everyone = any(it["type"] == "*" for it in principals)
            yield key, "*" if everyone else {it["type"]: _one(it["identifiers"]) for it in principals}
    if conditions := given.get("conditions"):
        tests: dict[str, dict[str, Any]] = {}
        for it in conditions:
            tests.setdefault(it["test"], {})[it["variable"]] = _one(it["values"])
        yield "Condition", tests


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
