"""An event API with a namespace and an API key."""

import pulumi
import pulumi_aws as aws
from common import CHANGED

api = aws.appsync.Api(
    "live",
    name="live",
    event_config={
        "auth_providers": [{"auth_type": "API_KEY"}],
        "connection_auth_modes": [{"auth_type": "API_KEY"}],
        "default_publish_auth_modes": [{"auth_type": "API_KEY"}],
        "default_subscribe_auth_modes": [{"auth_type": "API_KEY"}],
    },
)
key = aws.appsync.ApiKey("live", api_id=api.api_id)
for name in ("news", *(["sport"] if CHANGED else [])):
    aws.appsync.ChannelNamespace(name, name=name, api_id=api.api_id)
pulumi.export("host", api.dns.apply(lambda dns: dns["HTTP"]))
pulumi.export("key", key.key)
