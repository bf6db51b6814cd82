"""`python -m ops release`: calls move to the newest versions, or go back, and whoever waits hears which.

Functions and deployments are moto's. It moves nothing by itself: what CodeDeploy would do happens whenever `release`
sleeps.
"""

import io
import json
import zipfile

import boto3
import pytest
from moto.codedeploy.models import codedeploy_backends
from moto.core import DEFAULT_ACCOUNT_ID

from ops import release
from ops.release import ALIAS
from ops.stack import Stack
from tests.ops.conftest import REGION
from tests.ops.fakes import refused

APPLICATION = "cafe-prod-release-1234567"
CREATE, GET = "cafe-prod-orders-create-order-1", "cafe-prod-orders-get-order-1"


@pytest.fixture(scope="module")
def services():
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return {name: boto3.client(name, region_name=REGION, **keys) for name in ("codedeploy", "lambda", "iam")}


class World:
    """Two functions in version 1, and CodeDeploy."""

    def __init__(self, services):
        self.functions, self.codedeploy = services["lambda"], services["codedeploy"]
        self.failures = {}
        """By deployment, what comes of it; all others succeed."""
        self.slept = 0
        self.role = services["iam"].create_role(RoleName="it", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        self.codedeploy.create_application(applicationName=APPLICATION, computePlatform="Lambda")
        for name in (GET, CREATE):
            self.functions.create_function(
                FunctionName=name, Runtime="python3.13", Role=self.role, Handler="a.b", Code=code("1"), Publish=True
            )
            self.functions.create_alias(FunctionName=name, Name=ALIAS, FunctionVersion="1")
            self.codedeploy.create_deployment_group(
                applicationName=APPLICATION, deploymentGroupName=name, serviceRoleArn=self.role
            )

    def publish(self, *names):
        """What `pulumi up` does for functions that have changed."""
        for name in names:
            self.functions.update_function_code(FunctionName=name, ZipFile=code(name)["ZipFile"], Publish=True)

    @property
    def deployments(self):
        """Those that moto knows."""
        return codedeploy_backends[DEFAULT_ACCOUNT_ID][REGION].deployments

    def called(self, name):
        return self.functions.get_alias(FunctionName=name, Name=ALIAS)["FunctionVersion"]

    def sleep(self, seconds):
        """What happens in the meantime: the first time everything begins, the second time it ends."""
        assert 1 <= seconds <= 60
        self.slept += 1
        assert self.slept < 10, "it would wait for ever"
        for id_, deployment in self.deployments.items():
            if deployment.status == "Created":
                deployment.status = "InProgress"
            elif deployment.status == "InProgress":
                self.end(id_, deployment)

    def end(self, id_, deployment):
        if id_ in self.failures or "*" in self.failures:
            deployment.status = "Stopped"
            return
        deployment.status = "Succeeded"
        wanted = moved(deployment)
        self.functions.update_alias(FunctionName=wanted["Name"], Name=ALIAS, FunctionVersion=wanted["TargetVersion"])

    def completed(self, answer):
        """Moto's answer about a deployment, with what it leaves out of one that went wrong."""
        info = answer["deploymentInfo"]
        if info["status"] == "Stopped":
            info |= self.failures.get(info["deploymentId"], self.failures.get("*"))
        return answer


def code(text):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.py", text)
    return {"ZipFile": content.getvalue()}


def moved(deployment):
    """What a deployment's AppSpec says of its function."""
    assert deployment.revision["revisionType"] == "AppSpecContent"
    content = json.loads(deployment.revision["appSpecContent"]["content"])
    [(name, resource)] = content["Resources"][0].items()
    assert (content["version"], resource["Type"], name) == (
        0.0,
        "AWS::Lambda::Function",
        deployment.deployment_group_name,
    )
    return resource["Properties"]


@pytest.fixture
def stack(aws, services):
    return Stack({"releaseApplication": APPLICATION}, services.__getitem__)


@pytest.fixture
def world(aws, services, stack, monkeypatch):
    world = World(services)
    monkeypatch.setattr(release.time, "sleep", world.sleep)
    get = world.codedeploy.get_deployment
    monkeypatch.setattr(world.codedeploy, "get_deployment", lambda **request: world.completed(get(**request)))
    return world


def test_every_function_with_a_new_version_is_moved_there(run, world):
    world.publish(GET, CREATE)

    code, out, err = run("release")

    first, second = world.deployments
    assert (code, err) == (0, [])
    assert out == [
        f"{CREATE}: shifting to version 2, deployment {first}",
        f"{GET}: shifting to version 2, deployment {second}",
        f"{CREATE}: all traffic goes to version 2",
        f"{GET}: all traffic goes to version 2",
    ]
    assert moved(world.deployments[first]) == {
        "Name": CREATE,
        "Alias": "live",
        "CurrentVersion": "1",
        "TargetVersion": "2",
    }


def test_a_function_that_has_not_changed_is_left_alone(run, world):
    world.publish(GET)

    code, out, _ = run("release")

    assert code == 0
    assert [line.partition(":")[0] for line in out] == [GET, GET]
    assert [d.deployment_group_name for d in world.deployments.values()] == [GET]


def test_after_the_first_update_there_is_nothing_to_do(run, world):
    assert run("release") == (0, ["all traffic already goes to the newest versions"], [])
    assert world.deployments == {}


def test_the_tenth_version_is_newer_than_the_ninth(run, world):
    for _ in range(9):
        world.functions.update_function_code(FunctionName=GET, ZipFile=code(str(_))["ZipFile"], Publish=True)

    assert run("release")[0] == 0
    assert world.called(GET) == "10"


ALARM = {
    "errorInformation": {"code": "ALARM_ACTIVE", "message": "One or more alarms\nhave been activated: <it-errors>"},
    "rollbackInfo": {"rollbackDeploymentId": "d-2"},
}


def test_one_that_was_rolled_back_is_told_and_the_others_are_heard_out(run, world, monkeypatch):
    world.publish(GET, CREATE)
    create = world.codedeploy.create_deployment

    def first_fails(**request):
        made = create(**request)
        if request["deploymentGroupName"] == CREATE:
            world.failures[made["deploymentId"]] = ALARM
        return made

    monkeypatch.setattr(world.codedeploy, "create_deployment", first_fails)

    code, out, err = run("release")

    assert (code, err) == (1, [])
    assert out[2:] == [
        f"{CREATE}: version 2 was rolled back by d-2: One or more alarms have been activated: <it-errors>",
        f"{GET}: all traffic goes to version 2",
    ]
    assert (world.called(CREATE), world.called(GET)) == ("1", "2")


def test_one_that_ended_without_a_way_back_is_told(run, world):
    world.publish(GET)
    world.failures["*"] = {"errorInformation": {}}

    code, out, _ = run("release")

    assert (code, out[1:]) == (1, [f"{GET}: version 2 was not released: CodeDeploy gives no reason"])


def test_what_was_rolled_back_is_tried_again(run, world):
    world.publish(GET)
    world.failures["*"] = ALARM
    assert run("release")[0] == 1
    world.failures.clear()

    assert run("release")[0] == 0
    assert (world.called(GET), len(world.deployments)) == ("2", 2)


def test_without_waiting(run, world):
    world.publish(GET)

    code, out, _ = run("release", "--no-wait")

    assert (code, out, world.slept) == (
        0,
        [f"{GET}: shifting to version 2, deployment {next(iter(world.deployments))}"],
        0,
    )


def test_what_is_under_way_already_is_waited_for_and_not_begun_again(run, world):
    world.publish(GET)
    run("release", "--no-wait")

    code, out, _ = run("release")

    (id_,) = world.deployments
    assert (code, out) == (
        0,
        [f"{GET}: shifting to version 2, deployment {id_}", f"{GET}: all traffic goes to version 2"],
    )


def test_a_version_that_came_while_another_was_under_way_needs_another_run(run, world):
    world.publish(GET)
    run("release", "--no-wait")
    world.functions.update_function_code(FunctionName=GET, ZipFile=code("newer")["ZipFile"], Publish=True)

    code_, out, _ = run("release")

    assert (code_, out[1:]) == (1, [f"{GET}: all traffic goes to version 2, not yet to 3; run this again"])
    assert run("release")[0] == 0
    assert world.called(GET) == "3"


def test_at_once_leaves_out_the_steps_and_the_alarms(run, world):
    world.publish(GET)
    assert run("release", "--at-once")[0] == 0
    (deployment,) = world.deployments.values()

    assert deployment.deployment_config_name == "CodeDeployDefault.LambdaAllAtOnce"
    assert deployment.override_alarm_configuration["enabled"] is False


def test_otherwise_both_are_the_groups(run, world, monkeypatch):
    requests = []
    create = world.codedeploy.create_deployment
    monkeypatch.setattr(world.codedeploy, "create_deployment", lambda **r: requests.append(r) or create(**r))
    world.publish(GET)

    assert run("release")[0] == 0
    assert [request.keys() for request in requests] == [{"applicationName", "deploymentGroupName", "revision"}]


def test_an_interrupt_ends_the_waiting_and_nothing_else(run, world, monkeypatch):
    def interrupt(seconds):
        raise KeyboardInterrupt

    world.publish(GET)
    monkeypatch.setattr(release.time, "sleep", interrupt)

    code, out, err = run("release")

    assert (code, len(out)) == (130, 1)
    assert err == ["started deployments continue; run this again to see their results"]
    assert [deployment.status for deployment in world.deployments.values()] == ["Created"]


@pytest.mark.parametrize("output", [None, ""])
def test_a_stack_that_releases_all_at_once(run, stack, output):
    stack.outputs["releaseApplication"] = output

    code, out, [line] = run("release")

    assert (code, out) == (1, [])
    assert line.startswith("the outputs have no `releaseApplication`: without the config key gradualRelease ")


def test_what_aws_refuses_is_told_in_one_line(run, world, monkeypatch):
    def denied(**request):
        raise refused("CreateDeployment", "AccessDeniedException")

    world.publish(GET)
    monkeypatch.setattr(world.codedeploy, "create_deployment", denied)

    line = "the release: An error occurred (AccessDeniedException) when calling the CreateDeployment operation: not now"
    assert run("release") == (1, [], [line])
