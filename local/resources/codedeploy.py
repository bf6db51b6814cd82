"""CodeDeploy, which releases function versions: skipped."""

from .registry import SKIPPED

SKIPPED["aws:codedeploy/application:Application"] = "the emulator has no CodeDeploy"
SKIPPED["aws:codedeploy/deploymentGroup:DeploymentGroup"] = "the emulator has no CodeDeploy"
