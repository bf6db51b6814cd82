"""A custom component, with an explicit provider."""

import pulumi
import pulumi_aws as aws
from common import CHANGED


class Inbox(pulumi.ComponentResource):
    """A topic and a queue."""

    def __init__(self, name, opts=None):
        super().__init__("example:index:Inbox", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.topic = aws.sns.Topic(name, opts=child)
        self.queue = aws.sqs.Queue(name, visibility_timeout_seconds=60 if CHANGED else 30, opts=child)
        self.register_outputs({"queue": self.queue.url})


provider = aws.Provider("us", region="us-east-1", default_tags={"tags": {"team": "a"}})
inbox = Inbox("inbox", opts=pulumi.ResourceOptions(providers=[provider]))
pulumi.export("queue", inbox.queue.url)
pulumi.export("key", pulumi.Output.secret("secret-value"))
