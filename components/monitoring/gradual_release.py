"""Moves calls to new versions of functions gradually, and back when an alarm goes off: AWS CodeDeploy does it.

The program makes each function's alias once, and publishes a version with every change. `python -m ops release` has
CodeDeploy move the aliases to what is newest.
"""

from collections.abc import Mapping
from typing import TypedDict

import pulumi
import pulumi_aws as aws

from lambdas.runtime.metrics import Metric

from ..blocks.iam import allow, document, trust
from ..blocks.python_function import FunctionPlatform, PythonFunction
from .alarms import SERVER_ERROR_RATE, Alarm, make_alarm
from .watched import Measure

REFUSES_BY_RAISING = "authorize"
"""The module of which Lambda counts an error for every call that it rightly refuses: API Gateway answers 401 when its
authorizer raises, and only then."""


class GradualReleaseArgs(TypedDict):
    """Inputs of `GradualRelease`."""

    gradual_release: str
    """How fast, as CodeDeploy calls it without the `CodeDeployDefault.Lambda` in front, e.g. `Canary10Percent5Minutes`:
    a tenth of the calls for five minutes, then all (CodeDeploy user guide, "Working with deployment
    configurations")."""

    platform: FunctionPlatform
    """The namespace of the functions' own metrics, and the permissions boundary of CodeDeploy's role."""

    functions: Mapping[str, PythonFunction]
    """Functions by module. Those without an alias are left out: nobody waits for them."""

    api_name: pulumi.Input[str]
    """The API that calls the functions, by the name that its metrics have."""

    stage_name: str
    """The API's stage."""


class GradualRelease(pulumi.ComponentResource):
    """An application of CodeDeploy, with a deployment group for each function, which has the function's name.

    A release is stopped, and taken back, when a function crashes or fails, or when more than 1 % of the API's requests
    end in a 5xx, in any minute of it. These alarms tell nobody: who waits for the release hears of it.
    """

    application_name: pulumi.Output[str]
    """The application, by whose name `python -m ops release` finds the rest."""

    def __init__(self, name: str, args: GradualReleaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:GradualRelease", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        functions = {module: it for module, it in args["functions"].items() if it.qualifier is not None}

        application = aws.codedeploy.Application(name, compute_platform="Lambda", opts=self._child)
        self.application_name = application.name
        role, policy = self._role(list(functions.values()))
        server_errors = self._alarm("server-errors", self._of_api(), "Average", SERVER_ERROR_RATE)
        for module, function in functions.items():
            alarms = [*self._alarms(module, function), server_errors]
            aws.codedeploy.DeploymentGroup(
                f"{name}-{_label(module)}",
                app_name=application.name,
                deployment_group_name=function.name,
                deployment_config_name=f"CodeDeployDefault.Lambda{args['gradual_release']}",
                deployment_style={"deployment_type": "BLUE_GREEN", "deployment_option": "WITH_TRAFFIC_CONTROL"},
                service_role_arn=role.arn,
                auto_rollback_configuration={
                    "enabled": True,
                    "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
                },
                alarm_configuration={"enabled": True, "alarms": [alarm.name for alarm in alarms]},
                opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
            )
        self.register_outputs({"application_name": self.application_name})

    def _role(self, functions: list[PythonFunction]) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        """What CodeDeploy needs to move aliases and to look at alarms: of AWS's `AWSCodeDeployRoleForLambdaLimited`
        what it takes without hooks and without files in S3, and on these functions only."""
        region, account = aws.get_region_output().region, aws.get_caller_identity_output().account_id
        role = aws.iam.Role(
            f"{self._name}-role",
            description="Moves calls to new versions of functions",
            assume_role_policy=trust("codedeploy.amazonaws.com"),
            permissions_boundary=self._args["platform"].get("boundary_arn"),
            opts=self._child,
        )
        policy = aws.iam.RolePolicy(
            f"{self._name}-policy",
            role=role.id,
            policy=document(
                allow(
                    {
                        "actions": ["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"],
                        # An alias has its function's ARN for some of these actions, and its own for others.
                        "resources": [
                            arn
                            for function in functions
                            for arn in (function.arn, pulumi.Output.concat(function.arn, ":", function.qualifier or ""))
                        ],
                    }
                ),
                allow(
                    {
                        "actions": ["cloudwatch:DescribeAlarms"],
                        # Who asks for several alarms asks for a list, and a list is of all.
                        "resources": [pulumi.Output.format("arn:aws:cloudwatch:{0}:{1}:alarm:*", region, account)],
                    }
                ),
            ),
            opts=self._child,
        )
        return role, policy

    def _alarms(self, module: str, function: PythonFunction) -> list[aws.cloudwatch.MetricAlarm]:
        """A crash is Lambda's to count, by alias; an exception that became a 500 is the function's own."""
        failures = Measure(self._args["platform"]["metrics_namespace"], Metric.FAILURES, {"service": module})
        found = [self._alarm(f"{_label(module)}-failures", failures, "Sum", 0)]
        if module != REFUSES_BY_RAISING:
            # An alias' metrics go by both (Lambda developer guide, "Dimensions for functions").
            resource = pulumi.Output.concat(function.name, ":", function.qualifier or "")
            errors = Measure("AWS/Lambda", "Errors", {"FunctionName": function.name, "Resource": resource})
            found.append(self._alarm(f"{_label(module)}-errors", errors, "Sum", 0))
        return found

    def _alarm(self, label: str, measure: Measure, statistic: str, threshold: float) -> aws.cloudwatch.MetricAlarm:
        description = "Stops a release, and takes it back. Run the saved query `failures` to see what the version did."
        return make_alarm(self._name, Alarm(label, measure, statistic, threshold, description), None, self._child)

    def _of_api(self) -> Measure:
        dimensions = {"ApiName": self._args["api_name"], "Stage": self._args["stage_name"]}
        return Measure("AWS/ApiGateway", "5XXError", dimensions)


def _label(module: str) -> str:
    return module.replace("_", "-")
