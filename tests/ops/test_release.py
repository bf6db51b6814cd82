"""`python -m ops release` moves calls to the newest versions, or back, and reports the result.

Functions and deployments are moto's. Moto does not progress deployments: the tests do so whenever `release` sleeps.
"""

import io
import json
import zipfile

import boto3
import pytest
from moto.codedeploy.models import codedeploy_backends
from moto.core import DEFAULT_ACCOUNT_ID

from components.blocks.python_function import ALIAS
from ops import release
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
        """Failed deployments, by id or `*` for all. All others succeed."""
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
        """Publish new versions, as `pulumi up` does for changed functions."""
        for name in names:
            self.functions.update_function_code(FunctionName=name, ZipFile=code(name)["ZipFile"], Publish=True)

    @property
    def deployments(self):
        """Moto's deployments, by id."""
        return codedeploy_backends[DEFAULT_ACCOUNT_ID][REGION].deployments

    def called(self, name):
        return self.functions.get_alias(FunctionName=name, Name=ALIAS)["FunctionVersion"]

    def sleep(self, seconds):
        """Progress the deployments: the first call starts them, the second ends them."""
        assert 1 <= seconds <= 60
        self.slept += 1
        assert self.slept < 10, "it would wait forever"
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
        """Moto's answer about a deployment, plus the failure details that moto omits."""
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
    """The function's properties in a deployment's AppSpec."""
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


def test_every_function_with_a_new_version_is_released(run, world):
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


def test_an_unchanged_function_is_not_released(run, world):
    world.publish(GET)

    code, out, _ = run("release")

    assert code == 0
    assert [line.partition(":")[0] for line in out] == [GET, GET]
    assert [d.deployment_group_name for d in world.deployments.values()] == [GET]


def test_a_new_stack_has_nothing_to_release(run, world):
    assert run("release") == (0, ["all traffic already goes to the newest versions"], [])
    assert world.deployments == {}


def test_versions_are_compared_as_numbers(run, world):
    for _ in range(9):
        world.functions.update_function_code(FunctionName=GET, ZipFile=code(str(_))["ZipFile"], Publish=True)

    assert run("release")[0] == 0
    assert world.called(GET) == "10"


ALARM = {
    "errorInformation": {"code": "ALARM_ACTIVE", "message": "One or more alarms\nhave been activated: <it-errors>"},
    "rollbackInfo": {"rollbackDeploymentId": "d-2"},
}


def test_a_rollback_is_reported_and_the_others_continue(run, world, monkeypatch):
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


def test_a_failure_without_rollback_is_reported(run, world):
    world.publish(GET)
    world.failures["*"] = {"errorInformation": {}}

    code, out, _ = run("release")

    assert (code, out[1:]) == (1, [f"{GET}: version 2 was not released: CodeDeploy gives no reason"])


def test_a_rolled_back_version_can_be_retried(run, world):
    world.publish(GET)
    world.failures["*"] = ALARM
    assert run("release")[0] == 1
    world.failures.clear()

    assert run("release")[0] == 0
    assert (world.called(GET), len(world.deployments)) == ("2", 2)


def test_no_wait_only_starts_the_deployments(run, world):
    world.publish(GET)

    code, out, _ = run("release", "--no-wait")

    assert (code, out, world.slept) == (
        0,
        [f"{GET}: shifting to version 2, deployment {next(iter(world.deployments))}"],
        0,
    )


def test_a_running_deployment_is_awaited_and_not_repeated(run, world):
    world.publish(GET)
    run("release", "--no-wait")

    code, out, _ = run("release")

    (id_,) = world.deployments
    assert (code, out) == (
        0,
        [f"{GET}: shifting to version 2, deployment {id_}", f"{GET}: all traffic goes to version 2"],
    )


def test_a_version_published_during_a_deployment_needs_another_run(run, world):
    world.publish(GET)
    run("release", "--no-wait")
    world.functions.update_function_code(FunctionName=GET, ZipFile=code("newer")["ZipFile"], Publish=True)

    code_, out, _ = run("release")

    assert (code_, out[1:]) == (1, [f"{GET}: all traffic goes to version 2, not yet to 3; run this again"])
    assert run("release")[0] == 0
    assert world.called(GET) == "3"


def test_at_once_skips_the_steps_and_the_alarms(run, world):
    world.publish(GET)
    assert run("release", "--at-once")[0] == 0
    (deployment,) = world.deployments.values()

    assert deployment.deployment_config_name == "CodeDeployDefault.LambdaAllAtOnce"
    assert deployment.override_alarm_configuration["enabled"] is False


def test_by_default_the_deployment_groups_settings_apply(run, world, monkeypatch):
    requests = []
    create = world.codedeploy.create_deployment
    monkeypatch.setattr(world.codedeploy, "create_deployment", lambda **r: requests.append(r) or create(**r))
    world.publish(GET)

    assert run("release")[0] == 0
    assert [request.keys() for request in requests] == [{"applicationName", "deploymentGroupName", "revision"}]


def test_an_interrupt_only_stops_waiting(run, world, monkeypatch):
    def interrupt(seconds):
        raise KeyboardInterrupt

    world.publish(GET)
    monkeypatch.setattr(release.time, "sleep", interrupt)

    code, out, err = run("release")

    assert (code, len(out)) == (130, 1)
    assert err == ["started deployments continue; run this again to see their results"]
    assert [deployment.status for deployment in world.deployments.values()] == ["Created"]


@pytest.mark.parametrize("output", [None, ""])
def test_a_stack_without_gradual_release_is_refused(run, stack, output):
    stack.outputs["releaseApplication"] = output

    code, out, [line] = run("release")

    assert (code, out) == (1, [])
    assert line.startswith("the outputs have no `releaseApplication`: without the config key gradualRelease ")


def test_an_aws_error_is_a_one_line_error(run, world, monkeypatch):
    def denied(**request):
        raise refused("CreateDeployment", "AccessDeniedException")

    world.publish(GET)
    monkeypatch.setattr(world.codedeploy, "create_deployment", denied)

    line = "the release: An error occurred (AccessDeniedException) when calling the CreateDeployment operation: not now"
    assert run("release") == (1, [], [line])
