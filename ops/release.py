"""`release`: have AWS CodeDeploy move calls to the newest versions of the functions, and say what came of it."""

import json
import sys
import time
from typing import Any, NamedTuple

from ops.errors import UserError
from ops.stack import Stack
from ops.text import short

ALIAS = "live"
"""What calls go to: a name for a version."""

CHECK_SECONDS = 10
"""How often to look how far a deployment is; the fastest takes a little more than five minutes."""

UNDER_WAY = ["Created", "Queued", "InProgress", "Baking", "Ready"]
"""What the status of a deployment is before it ends (CodeDeploy API reference, DeploymentInfo)."""


class Release(NamedTuple):
    """A function, the version that all its calls should go to, and the deployment that moves them."""

    function: str
    version: int
    deployment: str


def release(stack: Stack, *, at_once: bool, wait: bool) -> bool:
    """Begin a deployment of every function that has a newer version than its alias, and with `wait` see all of them to
    their end. Prints a line when one begins, and one when it has ended; whether none was found to have gone wrong.

    `at_once` leaves out the gradual part and the alarms: for a cure, while what it cures keeps the alarms ringing. One
    that is under way already, from another time or another place, is waited for like our own.

    Raises `UserError` when the stack releases nothing gradually, and what boto3 raises.
    """
    application = stack.outputs.get("releaseApplication")
    if not application:
        raise UserError(
            "the outputs have no `releaseApplication`: without the config key gradualRelease there is nothing to "
            "release, as `pulumi up` moves all calls at once"
        )
    begun: list[Release] = []
    try:
        for function in functions_of(stack, application):
            one = begin(stack, application, function, at_once=at_once)
            if one:
                print(f"{function}: to version {one.version}, by {one.deployment}", flush=True)
                begun.append(one)
        if not begun:
            print("all calls go to the newest versions already")
        # Each of them is heard out, whatever became of the others.
        outcomes = [succeeded(stack, one) for one in begun if wait]
        return all(outcomes)
    except KeyboardInterrupt:
        if begun:
            print("what has begun goes on; to hear how it ends, run this again", file=sys.stderr)
        raise


def functions_of(stack: Stack, application: str) -> list[str]:
    """The functions of an application: each of its deployment groups has the name of one."""
    pages = stack.client("codedeploy").get_paginator("list_deployment_groups").paginate(applicationName=application)
    return sorted(name for page in pages for name in page["deploymentGroups"])


def begin(stack: Stack, application: str, function: str, *, at_once: bool) -> Release | None:
    """Have a function's calls moved to its newest version; `None` when they go there already."""
    codedeploy, newest, current = stack.client("codedeploy"), newest_version(stack, function), called(stack, function)
    group = {"applicationName": application, "deploymentGroupName": function}
    under_way = codedeploy.list_deployments(**group, includeOnlyStatuses=UNDER_WAY)["deployments"]
    if under_way:
        return Release(function, newest, under_way[0])
    if current == newest:
        return None
    properties = {"Name": function, "Alias": ALIAS, "CurrentVersion": str(current), "TargetVersion": str(newest)}
    content = {
        "version": 0.0,
        "Resources": [{function: {"Type": "AWS::Lambda::Function", "Properties": properties}}],
    }
    revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(content)}}
    faster: dict[str, Any] = {
        "deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce",
        "overrideAlarmConfiguration": {"enabled": False},
    }
    made = codedeploy.create_deployment(**group, revision=revision, **(faster if at_once else {}))
    return Release(function, newest, made["deploymentId"])


def newest_version(stack: Stack, function: str) -> int:
    """The number of the version of a function that was published last."""
    pages = stack.client("lambda").get_paginator("list_versions_by_function").paginate(FunctionName=function)
    versions = [version["Version"] for page in pages for version in page["Versions"]]
    return max(int(version) for version in versions if version.isdigit())


def called(stack: Stack, function: str) -> int:
    """The number of the version that calls go to, or most of them while a deployment is under way."""
    return int(stack.client("lambda").get_alias(FunctionName=function, Name=ALIAS)["FunctionVersion"])


def succeeded(stack: Stack, one: Release) -> bool:
    """Wait for the end of a deployment, and print what came of it; whether all calls go to the version."""
    while True:
        info = stack.client("codedeploy").get_deployment(deploymentId=one.deployment)["deploymentInfo"]
        if info["status"] not in UNDER_WAY:
            break
        time.sleep(CHECK_SECONDS)
    version = called(stack, one.function)
    if info["status"] == "Succeeded" and version == one.version:
        print(f"{one.function}: all calls go to version {version}", flush=True)
        return True
    if info["status"] == "Succeeded":
        # It was under way when we came, to an older version, or back to one.
        print(f"{one.function}: all calls go to version {version}, and not yet to {one.version}; run this again")
        return False
    reason = short(info.get("errorInformation", {}).get("message") or "CodeDeploy does not say why")
    back = info.get("rollbackInfo", {}).get("rollbackDeploymentId")
    outcome = f"was rolled back by {back}" if back else "was not released"
    print(f"{one.function}: version {one.version} {outcome}: {reason}", flush=True)
    return False
