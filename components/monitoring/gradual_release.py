"""Shifts traffic to new versions of functions gradually with AWS CodeDeploy, and back when an alarm goes off.

The program creates each function's alias once and publishes a version with every change. `python -m ops release` has
CodeDeploy move the aliases to the newest versions.
"""

from collections.abc import Mapping
from typing import TypedDict

import pulumi
import pulumi_aws as aws

from lambdas.runtime.metrics import Metric

from ..blocks.account import Account
from ..blocks.iam import allow, document, trust
from ..blocks.python_function import FunctionPlatform, PythonFunction
from .alarms import SERVER_ERROR_RATE, Alarm, make_alarm
from .watched import Measure, api_metric

REJECTS_BY_RAISING = "authorize"
"""The module whose correct rejections Lambda counts as errors: API Gateway returns 401 only when its authorizer
raises."""


class GradualReleaseArgs(TypedDict):
    """Inputs of `GradualRelease`."""

    gradual_release: str
    """CodeDeploy's configuration without the prefix `CodeDeployDefault.Lambda`, e.g. `Canary10Percent5Minutes`: a tenth
    of the calls for five minutes, then all (CodeDeploy user guide, "Working with deployment configurations")."""

    platform: FunctionPlatform
    """Provides the namespace of the functions' metrics and the permissions boundary of CodeDeploy's role."""

    functions: Mapping[str, PythonFunction]
    """Functions by module. Those without an alias are left out: no caller waits for them."""

    api_name: pulumi.Input[str]
    """Name of the API that calls the functions, as in its metrics."""

    stage_name: str
    """Name of the API's stage."""


class GradualRelease(pulumi.ComponentResource):
    """A CodeDeploy application with a deployment group for each function, named after the function.

    A release is stopped and rolled back if, in any minute of it, a function crashes or fails, or more than 1 % of the
    API's requests end in a 5xx. These alarms notify nobody: the release command shows the result.
    """

    application_name: pulumi.Output[str]
    """Name of the application, by which `python -m ops release` finds the rest."""

    def __init__(self, name: str, args: GradualReleaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:GradualRelease", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        functions = {module: it for module, it in args["functions"].items() if it.qualifier is not None}

        application = aws.codedeploy.Application(name, compute_platform="Lambda", opts=self._child)
        self.application_name = application.name
        role, policy = self._role(list(functions.values()))
        server_errors = self._alarm(
            "server-errors", api_metric(args["api_name"], args["stage_name"], "5XXError"), "Average", SERVER_ERROR_RATE
        )
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
        """The role of CodeDeploy to move aliases and read alarms: the part of AWS's `AWSCodeDeployRoleForLambdaLimited`
        that it needs without hooks and without files in S3, for these functions only."""
        account = Account(self)
        role = aws.iam.Role(
            f"{self._name}-role",
            description="Shifts traffic to new versions of functions",
            assume_role_policy=trust("codedeploy.amazonaws.com", self),
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
                        # Some of these actions use the function's ARN, others the alias's.
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
                        # A request for several alarms is a list request, which requires access to all alarms.
                        "resources": [account.arn("cloudwatch", "alarm:*")],
                    }
                ),
            ),
            opts=self._child,
        )
        return role, policy

    def _alarms(self, module: str, function: PythonFunction) -> list[aws.cloudwatch.MetricAlarm]:
        """Lambda counts crashes, by alias; the function itself counts exceptions that became a 500."""
        failures = Measure(self._args["platform"]["metrics_namespace"], Metric.FAILURES, {"service": module})
        found = [self._alarm(f"{_label(module)}-failures", failures, "Sum", 0)]
        if module != REJECTS_BY_RAISING:
            # An alias's metrics have both dimensions (Lambda developer guide, "Dimensions for functions").
            resource = pulumi.Output.concat(function.name, ":", function.qualifier or "")
            errors = Measure("AWS/Lambda", "Errors", {"FunctionName": function.name, "Resource": resource})
            found.append(self._alarm(f"{_label(module)}-errors", errors, "Sum", 0))
        return found

    def _alarm(self, label: str, measure: Measure, statistic: str, threshold: float) -> aws.cloudwatch.MetricAlarm:
        description = "Stops a release and rolls it back. Run the saved query `failures` to see what went wrong."
        return make_alarm(self._name, Alarm(label, measure, statistic, threshold, description), None, self._child)


def _label(module: str) -> str:
    return module.replace("_", "-")
