"""A queue and a function that prints its messages."""

import pulumi

from components.blocks.durable_queue import DurableQueue, consumer_grant
from components.blocks.python_function import PythonFunction

code = pulumi.AssetArchive({"reader.py": pulumi.FileAsset("reader.py")})
letters = DurableQueue("letters", {"visibility_timeout_seconds": 60, "max_message_bytes": 65536})
reader = PythonFunction(
    "reader",
    {
        "platform": {"code": code, "log_retention_days": 7, "metrics_namespace": "letters"},
        "module": "reader",
        "description": "Prints letters",
        "grants": [consumer_grant(letters)],
    },
)
letters.feed(reader, batch_size=10, concurrency=2)
pulumi.export("url", letters.url)
pulumi.export("log", reader.log_group_name)
