"""A schedule that invokes a function, with a role of its own."""

import json

import pulumi
import pulumi_aws as aws
from common import CHANGED, noting, role

job = noting("job")
caller = role("caller", "scheduler.amazonaws.com", {"Action": "lambda:InvokeFunction", "Resource": job.arn})
group = aws.scheduler.ScheduleGroup("jobs", name="jobs")
schedule = aws.scheduler.Schedule(
    "job",
    group_name=group.name,
    schedule_expression="rate(2 minutes)" if CHANGED else "rate(1 minute)",
    flexible_time_window={"mode": "OFF"},
    target={"arn": job.arn, "role_arn": caller.arn, "input": json.dumps({"job": "clean"})},
)
pulumi.export("schedule", schedule.name)
