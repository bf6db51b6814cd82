"""A state machine that invokes a function."""

import json

import pulumi
import pulumi_aws as aws
from common import CHANGED, function, role

hello = function("hello", "hello")
runner = role("runner", "states.amazonaws.com", {"Action": "lambda:InvokeFunction", "Resource": hello.arn})
machine = aws.sfn.StateMachine(
    "machine",
    role_arn=runner.arn,
    definition=hello.arn.apply(
        lambda arn: json.dumps(
            {
                "Comment": "Changed" if CHANGED else "Says hello",
                "StartAt": "Hello",
                "States": {"Hello": {"Type": "Task", "Resource": arn, "End": True}},
            }
        )
    ),
)
pulumi.export("machine", machine.arn)
