"""Monitors the café: alarms and their topic, a dashboard, saved queries."""

import pulumi
import pulumi_aws as aws

from ..blocks.account import Account
from ..blocks.iam import Statement, document
from .alarms import alarms, make_alarm
from .dashboard import dashboard_body
from .saved_queries import QUERIES, query_text
from .watched import Watched


class MonitoringArgs(Watched):
    """Inputs of `Monitoring`."""

    operations_email: str
    """Email address notified of alarms, once it confirms the link that AWS sends. `""`: none."""


class Monitoring(pulumi.ComponentResource):
    """Alarms with their topic, dashboard and saved queries."""

    topic_arn: pulumi.Output[str]
    """ARN of the topic with one message for each alarm that goes off or recovers."""
    dashboard_name: pulumi.Output[str]

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:Monitoring", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)

        self.topic_arn = self._topic().arn
        made = [make_alarm(name, alarm, self.topic_arn, self._child) for alarm in alarms(args)]
        dashboard = aws.cloudwatch.Dashboard(
            f"{name}-dashboard",
            dashboard_name=args["prefix"],
            dashboard_body=dashboard_body(args, [alarm.arn for alarm in made], Account(self).region),
            opts=self._child,
        )
        self.dashboard_name = dashboard.dashboard_name
        self._save_queries()
        self.outputs: dict[str, pulumi.Output[str]] = {
            "operationsTopicArn": self.topic_arn,
            "dashboardName": self.dashboard_name,
        }
        """Stack outputs."""
        self.register_outputs({"topic_arn": self.topic_arn, "dashboard_name": self.dashboard_name})

    def _topic(self) -> aws.sns.Topic:
        topic = aws.sns.Topic(f"{self._name}-operations", kms_master_key_id=self._key().arn, opts=self._child)
        aws.sns.TopicPolicy(
            f"{self._name}-operations-policy",
            arn=topic.arn,
            policy=document(_for_alarms(["sns:Publish"], topic.arn, Account(self))),
            opts=self._child,
        )
        if self._args["operations_email"]:
            aws.sns.TopicSubscription(
                f"{self._name}-operations-email",
                topic=topic.arn,
                protocol="email",
                endpoint=self._args["operations_email"],
                opts=self._child,
            )
        return topic

    def _key(self) -> aws.kms.Key:
        """A customer managed key: alarms cannot use AWS's key (`alias/aws/sns`), so no notification would arrive."""
        account = Account(self)
        administration: Statement = {
            "Effect": "Allow",
            "Principal": {"AWS": pulumi.Output.format("arn:{0}:iam::{1}:root", account.partition, account.id)},
            "Action": "kms:*",
            # In a key policy, this key.
            "Resource": "*",
        }
        return aws.kms.Key(
            f"{self._name}-operations-key",
            description="Encrypts alarm notifications",
            enable_key_rotation=True,
            policy=document(administration, _for_alarms(["kms:Decrypt", "kms:GenerateDataKey*"], "*", account)),
            opts=self._child,
        )

    def _save_queries(self) -> None:
        for title in QUERIES:
            aws.cloudwatch.QueryDefinition(
                f"{self._name}-{title}",
                name=f"{self._args['prefix']}/{title}",
                query_string=query_text(title),
                log_group_names=[function.log_group_name for function in self._args["functions"].values()],
                opts=self._child,
            )


def _for_alarms(actions: list[str], resource: pulumi.Input[str], account: Account) -> Statement:
    """The statement that allows these actions to the account's alarms only."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": actions,
        "Resource": resource,
        "Condition": {"StringEquals": {"aws:SourceAccount": account.id}},
    }
