"""A container service."""

import json

import pulumi_aws as aws

cluster = aws.ecs.Cluster("apps")
task = aws.ecs.TaskDefinition(
    "app", family="app", container_definitions=json.dumps([{"name": "app", "image": "nginx"}])
)
aws.ecs.Service("app", cluster=cluster.arn, task_definition=task.arn, desired_count=1)
