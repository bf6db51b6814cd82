"""CodeDeploy, which releases function versions: skipped."""

from .provider import SKIPPED

SKIPPED["aws:codedeploy/application:Application"] = "the emulator has no CodeDeploy"
SKIPPED["aws:codedeploy/deploymentGroup:DeploymentGroup"] = "the emulator has no CodeDeploy"
