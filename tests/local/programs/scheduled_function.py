"""A rule that invokes a function every minute."""

import json

import pulumi
import pulumi_aws as aws
from common import CHANGED, allow, noting

job = noting("job")
rule = aws.cloudwatch.EventRule("often", schedule_expression="rate(5 minutes)" if CHANGED else "rate(1 minute)")
aws.cloudwatch.EventTarget("job", rule=rule.name, arn=job.arn, input=json.dumps({"job": "clean"}))
allow("often", job, "events.amazonaws.com", rule.arn)
pulumi.export("rule", rule.name)
