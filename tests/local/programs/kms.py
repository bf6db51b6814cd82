"""A key with an alias, and a queue that it encrypts."""

import pulumi
import pulumi_aws as aws
from common import CHANGED

key = aws.kms.Key("queue", description="Changed" if CHANGED else "For a queue", enable_key_rotation=True)
alias = aws.kms.Alias("queue", name="alias/queue", target_key_id=key.key_id)
queue = aws.sqs.Queue("secret", kms_master_key_id=key.arn)
pulumi.export("alias", alias.name)
pulumi.export("queue", queue.url)
