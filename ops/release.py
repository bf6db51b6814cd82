"""`release`: shifts traffic to the newest function versions with AWS CodeDeploy, and prints the results."""

import json
import sys
import time
from typing import Any, NamedTuple

from components.blocks.python_function import ALIAS
from local.errors import UserError
from local.text import short
from ops.stack import Stack

CHECK_SECONDS = 10
"""The interval between checks of a deployment; the fastest takes a little more than five minutes."""

UNDER_WAY = ["Created", "Queued", "InProgress", "Baking", "Ready"]
"""The statuses of a deployment before it ends (CodeDeploy API reference, DeploymentInfo)."""


class Release(NamedTuple):
    """A function, the version that should receive all its traffic, and the deployment that shifts it."""

    function: str
    version: int
    deployment: str


def release(stack: Stack, *, at_once: bool, wait: bool) -> bool:
    """Deploy every function that has a newer version than its alias, and with `wait`, wait until all deployments end.
    Prints a line when a deployment starts and when it ends. Returns whether none is known to have failed.

    `at_once` skips the gradual shift and the alarms: for a fix, while the fault keeps the alarms in state ALARM. A
    deployment that is already in progress is waited for, too.

    Raises `UserError` if the stack has no gradual releases, and boto3's errors.
    """
    application = stack.outputs.get("releaseApplication")
    if not application:
        raise UserError(
            "the outputs have no `releaseApplication`: without the config key gradualRelease there is nothing to "
            "release, because `pulumi up` shifts all traffic immediately"
        )
    begun: list[Release] = []
    try:
        for function in functions_of(stack, application):
            one = start_deployment(stack, application, function, at_once=at_once)
            if one:
                print(f"{function}: shifting to version {one.version}, deployment {one.deployment}", flush=True)
                begun.append(one)
        if not begun:
            print("all traffic already goes to the newest versions")
        # Wait for every deployment, even if another one fails.
        outcomes = [succeeded(stack, one) for one in begun if wait]
        return all(outcomes)
    except KeyboardInterrupt:
        if begun:
            print("started deployments continue; run this again to see their results", file=sys.stderr)
        raise


def functions_of(stack: Stack, application: str) -> list[str]:
    """The functions of an application: each deployment group is named after one."""
    pages = stack.client("codedeploy").get_paginator("list_deployment_groups").paginate(applicationName=application)
    return sorted(name for page in pages for name in page["deploymentGroups"])


def start_deployment(stack: Stack, application: str, function: str, *, at_once: bool) -> Release | None:
    """Start shifting a function's traffic to its newest version; `None` if it is already there."""
    codedeploy, newest, current = (
        stack.client("codedeploy"),
        newest_version(stack, function),
        live_version(stack, function),
    )
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
    """The number of a function's latest published version."""
    pages = stack.client("lambda").get_paginator("list_versions_by_function").paginate(FunctionName=function)
    versions = [version["Version"] for page in pages for version in page["Versions"]]
    return max(int(version) for version in versions if version.isdigit())


def live_version(stack: Stack, function: str) -> int:
    """The number of the version that receives all traffic, or most of it during a deployment."""
    return int(stack.client("lambda").get_alias(FunctionName=function, Name=ALIAS)["FunctionVersion"])


def succeeded(stack: Stack, one: Release) -> bool:
    """Wait until a deployment ends and print the result. Returns whether all traffic goes to the version."""
    while True:
        info = stack.client("codedeploy").get_deployment(deploymentId=one.deployment)["deploymentInfo"]
        if info["status"] not in UNDER_WAY:
            break
        time.sleep(CHECK_SECONDS)
    version = live_version(stack, one.function)
    if info["status"] == "Succeeded" and version == one.version:
        print(f"{one.function}: all traffic goes to version {version}", flush=True)
        return True
    if info["status"] == "Succeeded":
        # It was already in progress, to an older version or back to one.
        print(f"{one.function}: all traffic goes to version {version}, not yet to {one.version}; run this again")
        return False
    reason = short(info.get("errorInformation", {}).get("message") or "CodeDeploy gives no reason")
    back = info.get("rollbackInfo", {}).get("rollbackDeploymentId")
    outcome = f"was rolled back by {back}" if back else "was not released"
    print(f"{one.function}: version {one.version} {outcome}: {reason}", flush=True)
    return False
